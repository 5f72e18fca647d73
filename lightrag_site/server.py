"""`lightrag-server`: everything on one machine, or some parts of it on each of several.

The order: settings, the port, databases, tables, then worker and web; and back.
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

from lightrag_site import paths
from lightrag_site.configuration import environment, flags, ignored_settings, secret_key
from lightrag_site.configuration.config import LightRAGConfig, ServerConfig
from lightrag_site.errors import PreparationFailed, SettingError
from lightrag_site.observability import logs
from lightrag_site.running import (
    banner,
    database_checks,
    embedded,
    listen_socket,
    missing_extras,
    supervisor,
)
from lightrag_site.running.processes import Child, stop

READY_WITHIN = 120.0


def main() -> int:
    """Run until told to stop. Exit code 2: a setting, named in one line, is at fault."""
    asked = flags.from_command_line()
    try:
        config = environment.read(os.environ, Path.cwd())
        logging.config.dictConfig(
            logs.config(config.server.log_level, config.observe.log_format)
        )
        serve(config, asked)
    except SettingError as error:
        sys.stderr.write(f"lightrag-server: {error}\n")
        return 2
    except PreparationFailed as error:
        return error.code
    return 0


def serve(config: LightRAGConfig, asked: flags.Asked) -> None:
    """Start the parts that are asked for, and keep them running until told to stop."""
    with ExitStack() as stack:
        stopping = stack.enter_context(_signals())
        socket_ = _listen(config, asked.parts, stack)
        _check_folders(config.server)
        databases = _databases(config, asked.parts, stack)
        if not config.access.secret_key:
            secret_key.keep(paths.of(config.server.working_dir).secret_key)
        login = _prepare(config, asked.parts)
        if stopping.is_set():
            return
        relay_socket = _own_folder(stack) / "relay.sock"
        front = [
            Child(program)
            for program in supervisor.programs(
                config, asked.parts, socket_, relay_socket
            )
        ]
        stack.callback(lambda: stop(front))
        if socket_ is not None:
            _wait_until_answering(config.server, stopping)
        if not stopping.is_set():
            banner.show(
                config, banner.Told(asked.parts, login, _remarks(config, asked))
            )
        supervisor.keep_running([*databases, *front], stopping)


def _remarks(config: LightRAGConfig, asked: flags.Asked) -> tuple[str, ...]:
    found = environment.find(os.environ, Path.cwd())
    idle = ignored_settings.remarks(asked.without_effect, found)
    return (*idle, *missing_extras.remarks(config))


@contextmanager
def _signals() -> Iterator[threading.Event]:
    """Set by the first Ctrl-C, SIGTERM, or hang-up that `nohup` does not ignore."""
    stopping = threading.Event()

    def stop_soon(_signal: int, _frame: object) -> None:
        stopping.set()

    caught = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        caught.append(signal.SIGHUP)
    before = {number: signal.signal(number, stop_soon) for number in caught}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
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
                f"{folder} cannot be written ({reason})",
                "Make it writable, or set another",
            )


def _databases(
    config: LightRAGConfig, parts: tuple[str, ...], stack: ExitStack
) -> list[Child]:
    children: list[Child] = []
    if "databases" in parts:
        children = stack.enter_context(embedded.owned(config))
    database_checks.check(config)
    return children


def _own_folder(stack: ExitStack) -> Path:
    """This supervisor's alone, where the path of a socket is short; gone with it."""
    return Path(
        stack.enter_context(tempfile.TemporaryDirectory(prefix="lightrag-", dir="/tmp"))
    )


def _prepare(config: LightRAGConfig, parts: tuple[str, ...]) -> str:
    """Tables, workspace, administrator; returns how the administrator logs in."""
    administrator = ["--administrator"] if "web" in parts else []
    kept = paths.of(config.server.working_dir).admin_password
    was_there = kept.exists()
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "lightrag_site.running.preparation", *administrator],
        stdin=subprocess.DEVNULL,
        check=False,
        process_group=0,
    )
    if done.returncode:
        raise PreparationFailed(done.returncode)
    if kept.exists() and not was_there:
        return f"user admin, password {kept.read_text('utf-8')} (kept in {kept})"
    return f"user admin, password in {kept}" if kept.exists() else ""


def _wait_until_answering(server: ServerConfig, stopping: threading.Event) -> None:
    end = time.monotonic() + READY_WITHIN
    while not stopping.is_set() and time.monotonic() < end:
        if _answers(server):
            return
        stopping.wait(0.2)


def _answers(server: ServerConfig) -> bool:
    """Any answer will do. It also makes the web process load all its routes."""
    host = "127.0.0.1" if server.host in banner.WILDCARDS else server.host
    connection: http.client.HTTPConnection
    if server.ssl:
        # The certificate is for the site's name, and this is ourselves.
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
