"""The fork server: forks a process for each file, and for a hundred texts.

It has loaded the tokenizer and the parsers, so a fork takes a few milliseconds instead of
a second, and the processes share this memory. It has a single thread and no environment
variables.

A supervisor starts it for all its workers, when the first of them connects. A worker
without a supervisor starts its own, which ends with the worker. Both end after a minute
without a document.
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


def main(descriptor: int) -> None:
    """Serve the workers that connect to a listening socket, or one connected worker."""
    preload()
    import gc

    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the worker
    with socket.socket(fileno=descriptor) as socket_:
        Server(socket_).serve()


def preload() -> None:
    """Load what every child needs. Nothing loaded here may start a thread."""
    from documents.parsing import encodings  # noqa: F401
    from documents.parsing.office import docx  # noqa: F401
    from documents.parsing.pdf import pdf_parser  # noqa: F401
    from retrieval.llm import tokens

    tokens.count("")
    tokens.byte_lengths()


class Server:
    """Starts, stops and reaps the processes of the workers' documents."""

    def __init__(self, socket_: socket.socket) -> None:
        self._workers: dict[int, socket.socket] = {}
        self._listening: socket.socket | None = None
        self._jobs: dict[int, Job] = {}
        """The running jobs by the descriptor of their connection."""
        self._poll = select.poll()
        self._poll.register(socket_, select.POLLIN)
        if socket_.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            self._listening = socket_
        else:
            self._workers[socket_.fileno()] = socket_
        self._child_ended, wakeup = os.pipe()
        for descriptor in (self._child_ended, wakeup):
            os.set_blocking(descriptor, False)
        self._poll.register(self._child_ended, select.POLLIN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Return after a minute without a document, or when no worker can send one."""
        while self._listening or self._workers:
            events = self._poll.poll(None if self._jobs else IDLE_SECONDS * 1000)
            if not events:
                return
            self._handle({descriptor for descriptor, _ in events})
        self._kill_all()

    def _handle(self, ready: set[int]) -> None:
        """Handle the ready descriptors, first the kinds whose descriptors this closes.

        A new job may get the number of a closed descriptor. If its event were handled
        afterwards, it would be taken for an event of the new job, whose process would
        be killed.
        """
        for descriptor in ready & self._jobs.keys():  # the worker closed the connection
            self._poll.unregister(descriptor)
            _kill(self._jobs[descriptor].pid)
        if self._child_ended in ready:
            os.read(self._child_ended, 4096)
            self._reap()
        for descriptor in ready & self._workers.keys():
            self._start_job(self._workers[descriptor])
        if self._listening and self._listening.fileno() in ready:
            self._accept(self._listening)

    def _accept(self, listening: socket.socket) -> None:
        worker, _ = listening.accept()
        self._workers[worker.fileno()] = worker
        self._poll.register(worker, select.POLLIN)

    def _start_job(self, worker: socket.socket) -> None:
        """Fork a process for the worker's next document, or forget an ended worker."""
        try:
            data, descriptors, _, _ = socket.recv_fds(worker, 1, 2)
        except ConnectionError:
            data, descriptors = b"", []
        if not data:
            self._poll.unregister(worker)
            self._workers.pop(worker.fileno()).close()
            return
        connection, exit_pipe = descriptors
        pid = os.fork()
        if pid == 0:
            self._run_child(connection, exit_pipe)
        self._jobs[connection] = Job(pid, connection, exit_pipe)
        self._poll.register(connection, 0)

    def _run_child(self, connection: int, exit_pipe: int) -> None:
        """Run the job in the forked process, which does not return."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(exit_pipe)
            for worker in self._workers.values():
                worker.close()
            if self._listening:
                self._listening.close()
            for job in self._jobs.values():
                os.close(job.connection)
                os.close(job.exit_pipe)
            with socket.socket(fileno=connection) as connected:
                child.main(connected)
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
