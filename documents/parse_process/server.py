"""The fork server: forks one process for each document.

It has loaded the tokenizer and the parsers, so a fork takes a few milliseconds instead of
a second, and the processes share this memory. It has a single thread and no environment
variables. It ends when its worker ends, or after a minute without a document.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
from dataclasses import dataclass

from documents.parse_process import child

IDLE_SECONDS = 60
EXIT_CODE = struct.Struct("!i")


@dataclass(frozen=True, slots=True)
class Job:
    """A child process, its connection to the worker, and the pipe for its exit code."""

    pid: int
    connection: int
    exit_pipe: int


def main() -> None:
    """Serve the worker, whose socket is the standard input."""
    preload()
    import gc

    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the worker
    with socket.socket(fileno=0) as control:
        Server(control).serve()


def preload() -> None:
    """Load what every child needs. Nothing loaded here may start a thread."""
    from documents.parsing import encodings  # noqa: F401
    from documents.parsing.office import docx  # noqa: F401
    from documents.parsing.pdf import pdf_parser  # noqa: F401
    from retrieval.llm import tokens

    tokens.count("")
    tokens.byte_lengths()


class Server:
    """Starts, stops and reaps the processes of one worker's documents."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._jobs: dict[int, Job] = {}
        """The running jobs by the descriptor of their connection."""
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._child_ended, wakeup = os.pipe()
        for descriptor in (self._child_ended, wakeup):
            os.set_blocking(descriptor, False)
        self._poll.register(self._child_ended, select.POLLIN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Return when the worker has closed its socket, or sends nothing for a minute."""
        while True:
            events = self._poll.poll(None if self._jobs else IDLE_SECONDS * 1000)
            if not events:
                return
            for descriptor, _ in events:
                if descriptor == self._control.fileno():
                    if not self._accept():
                        self._kill_all()
                        return
                elif descriptor == self._child_ended:
                    os.read(descriptor, 4096)
                    self._reap()
                elif descriptor in self._jobs:  # the worker has closed the connection
                    self._poll.unregister(descriptor)
                    _kill(self._jobs[descriptor].pid)

    def _accept(self) -> bool:
        """Fork a process for the next connection; return False if the worker has exited."""
        data, descriptors, _, _ = socket.recv_fds(self._control, 1, 2)
        if not data:
            return False
        connection, exit_pipe = descriptors
        pid = os.fork()
        if pid == 0:
            self._run_child(connection, exit_pipe)
        self._jobs[connection] = Job(pid, connection, exit_pipe)
        self._poll.register(connection, 0)
        return True

    def _run_child(self, connection: int, exit_pipe: int) -> None:
        """Run the job in the forked process, which does not return."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(exit_pipe)
            self._control.close()
            for job in self._jobs.values():
                os.close(job.connection)
                os.close(job.exit_pipe)
            with socket.socket(fileno=connection) as worker:
                child.main(worker)
            code = 0
        except (EOFError, OSError):  # the worker has closed the connection
            code = 0
        finally:
            os._exit(code)

    def _reap(self) -> None:
        """Send the exit codes of the processes that have ended."""
        for job in list(self._jobs.values()):
            pid, status = os.waitpid(job.pid, os.WNOHANG)
            if pid:
                with contextlib.suppress(KeyError):
                    self._poll.unregister(job.connection)
                with contextlib.suppress(OSError):
                    code = os.waitstatus_to_exitcode(status)
                    os.write(job.exit_pipe, EXIT_CODE.pack(code))
                os.close(job.exit_pipe)
                os.close(job.connection)
                del self._jobs[job.connection]

    def _kill_all(self) -> None:
        for job in self._jobs.values():
            _kill(job.pid)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
