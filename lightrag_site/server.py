"""`lightrag-server`: start all parts on one machine, or some of them on each of several.

Order of the start: settings, socket, databases, tables, worker and web. They stop in the
reverse order. Web processes load their modules while the databases start.
"""

from __future__ import annotations

import http.client
import logging.config
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lightrag_site import paths, start_gate
from lightrag_site.configuration import environment, flags, ignored_settings, secret_key
from lightrag_site.configuration.config_classes import LightRAGConfig, ServerConfig
from lightrag_site.errors import PreparationFailed, SettingError
from lightrag_site.observability import logs
from lightrag_site.running import (
    banner,
    database_checks,
    embedded,
    listen_socket,
    missing_extras,
    processes,
    provider_checks,
    supervisor,
)
from lightrag_site.running.processes import Child, OnDemandChild, stop

READY_TIMEOUT = 120.0
PRIVATE = 0o077
"""umask of all processes: only their user can read documents, logs and databases."""


def main() -> int:
    """Run until a stop signal; return exit code 2 after reporting an invalid setting."""
    arguments = flags.from_command_line()
    os.umask(PRIVATE)
    try:
        config = environment.read(os.environ, Path.cwd())
        logging.config.dictConfig(
            logs.config(config.server.log_level, config.observe.log_format)
        )
        serve(config, arguments)
    except SettingError as error:
        sys.stderr.write(f"lightrag-server: {error}\n")
        return 2
    except PreparationFailed as error:
        return error.code
    except KeyboardInterrupt:  # a stop signal during the start
        pass
    return 0


def serve(config: LightRAGConfig, arguments: flags.Arguments) -> None:
    """Start the requested parts and keep them running until a stop signal."""
    with ExitStack() as stack:
        stop_signal = stack.enter_context(_signals())
        stopping = stop_signal.received
        socket_ = _listen(config, arguments.parts, stack)
        _check_folders(config.server)
        if not config.access.secret_key:
            secret_key.ensure(paths.of(config.server.working_dir).secret_key)
        sockets = _socket_folder(stack)
        gate = stack.enter_context(start_gate.closed())
        front: list[Child] = []
        stack.callback(lambda: stop(front))  # if the databases can't be started
        if socket_ is not None:
            web = supervisor.web(config, arguments.parts, socket_, gate.descriptor)
            front.extend(map(Child, web))
        databases = _databases(config, arguments.parts, stack)
        login, is_protected = _prepare(config, arguments.parts)
        parsers = _parsers(arguments.parts, sockets, stack)
        stack.callback(lambda: stop(front))  # before the parsers and the databases
        gate.open()
        if "worker" in arguments.parts:
            front.extend(map(Child, supervisor.workers(config, sockets)))
        if socket_ is not None:
            _wait_until_ready(config.server, stopping)
        if not stopping.is_set():
            banner.show(
                config,
                banner.Details(
                    arguments.parts,
                    login,
                    _warnings(config, arguments),
                    is_protected=is_protected,
                ),
            )
            checks = threading.Thread(
                target=provider_checks.warn, args=(config,), daemon=True
            )
            checks.start()
        stop_signal.interrupts = False
        supervisor.keep_running([*databases, *parsers, *front], stopping)


def _warnings(config: LightRAGConfig, arguments: flags.Arguments) -> tuple[str, ...]:
    sources = environment.load_sources(os.environ, Path.cwd())
    ignored = ignored_settings.warnings(arguments.ignored_flags, sources)
    rules = ignored_settings.rule_warnings(
        config.ingest.parser_rules, vision=config.ingest.vlm
    )
    return (*ignored, *rules, *missing_extras.warnings(config))


class _StopSignal:
    """The state of a stop signal.

    During the start the first signal raises KeyboardInterrupt; later it sets
    `received`. A second signal ends all processes at once.
    """

    def __init__(self) -> None:
        self.received = threading.Event()
        self.interrupts = True

    def handle(self, _signal: int, _frame: object) -> None:
        if self.received.is_set():
            processes.abort()
            return
        self.received.set()
        if self.interrupts:
            raise KeyboardInterrupt


@contextmanager
def _signals() -> Iterator[_StopSignal]:
    """Yield the state that SIGINT, SIGTERM and SIGHUP (unless under `nohup`) change."""
    stop_signal = _StopSignal()

    handled = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        handled.append(signal.SIGHUP)
    previous = {number: signal.signal(number, stop_signal.handle) for number in handled}
    try:
        yield stop_signal
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _listen(
    config: LightRAGConfig, parts: tuple[str, ...], stack: ExitStack
) -> socket.socket | None:
    if "web" not in parts:
        return None
    return stack.enter_context(listen_socket.open_socket(config.server))


def _check_folders(server: ServerConfig) -> None:
    for setting, folder in (
        ("WORKING_DIR", server.working_dir),
        ("INPUT_DIR", server.input_dir),
    ):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            reason = "" if os.access(folder, os.W_OK | os.X_OK) else "Permission denied"
        except OSError as error:
            reason = error.strerror or str(error)
        if reason:
            raise SettingError(
                setting,
                f"cannot write to {folder} ({reason})",
                "Make it writable, or set another folder",
            )


def _databases(
    config: LightRAGConfig, parts: tuple[str, ...], stack: ExitStack
) -> list[Child]:
    children: list[Child] = []
    if "databases" in parts:
        children = stack.enter_context(embedded.own_databases(config))
    database_checks.check(config)
    return children


def _socket_folder(stack: ExitStack) -> Path:
    """Create a temporary folder whose path is short enough for a socket."""
    return Path(
        stack.enter_context(tempfile.TemporaryDirectory(prefix="lightrag-", dir="/tmp"))
    )


def _parsers(
    parts: tuple[str, ...], sockets: Path, stack: ExitStack
) -> list[OnDemandChild]:
    """Return the fork server of the workers, which stops after them."""
    if "worker" not in parts:
        return []
    listening = listen_socket.open_unix_socket(sockets / supervisor.PARSER)
    parser = supervisor.parse_server(stack.enter_context(listening))
    stack.callback(lambda: stop([parser]))
    return [parser]


def _prepare(config: LightRAGConfig, parts: tuple[str, ...]) -> tuple[str, bool]:
    """Prepare the database.

    Return how the administrator logs in, and whether requests need authentication.
    """
    administrator = ["--administrator"] if "web" in parts else []
    password_file = paths.of(config.server.working_dir).admin_password
    completed = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "lightrag_site.running.preparation", *administrator],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        process_group=0,
    )
    if completed.returncode:
        raise PreparationFailed(completed.returncode)
    is_protected = "protected" in completed.stdout
    # The password itself would stay in the log.
    login = f"user admin, password in {password_file}" if password_file.exists() else ""
    return login, is_protected


def _wait_until_ready(server: ServerConfig, stopping: threading.Event) -> None:
    end = time.monotonic() + READY_TIMEOUT
    while not stopping.is_set() and time.monotonic() < end:
        if _responds(server):
            return
        stopping.wait(0.2)


def _responds(server: ServerConfig) -> bool:
    """Return whether the server sends any response; this also loads all its routes."""
    host = "127.0.0.1" if server.host in banner.WILDCARDS else server.host
    connection: http.client.HTTPConnection
    if server.ssl:
        # The certificate is valid for the public name, not for this address.
        context = ssl._create_unverified_context()  # noqa: S323
        connection = http.client.HTTPSConnection(
            host, server.port, timeout=30, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, server.port, timeout=30)
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


if __name__ == "__main__":
    sys.exit(main())
