"""Django's command line (`manage.py`, `lightrag-manage`) with the embedded databases.

A command uses the databases of a running `lightrag-server`, or starts them for the
duration of the command.
"""

from __future__ import annotations

import getpass
import os
import sys
from contextlib import nullcontext
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from documents.workspaces import audit
from documents.workspaces.audit import Actor, Kind
from lightrag_site.configuration import environment
from lightrag_site.running import embedded

WITHOUT_DATABASE = {
    "check",
    "help",
    "makemigrations",
    "makemessages",
    "hash_password",
    "write_configuration",
    "compilemessages",
}


def main() -> None:
    """Run the command; report an invalid setting in one line and exit with code 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightrag_site.settings")
    try:
        config = environment.read(os.environ, Path.cwd())
        with (
            audit.acting_as(_command_actor()),
            embedded.available(config) if _needs_database() else nullcontext(),
        ):
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{Path(sys.argv[0]).name}: {error}\n")
        sys.exit(2)


def _command_actor() -> Actor:
    """Return an actor that names the operating system's user and the command."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = str(os.getuid())
    return Actor(Kind.COMMAND, f"{user}: {' '.join(sys.argv[1:2])}")


def _needs_database() -> bool:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    asks_for_help = bool({"-h", "--help", "--version"} & set(sys.argv))
    return command not in WITHOUT_DATABASE and not asks_for_help
