"""Preparation of the database: `python -m lightrag_site.running.preparation`.

It migrates the tables and creates the default workspace and, with `--administrator`, the
first administrator. It is a separate process so that the supervisor does not keep Django
in memory.
"""

from __future__ import annotations

import os
import secrets
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightrag_site.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import DatabaseError, connection  # noqa: E402

from compat_api.auth import authentication, groups  # noqa: E402
from compat_api.branding import bundle  # noqa: E402
from documents.models import Workspace  # noqa: E402
from documents.workspaces import lookup  # noqa: E402
from lightrag_site import paths  # noqa: E402
from lightrag_site.configuration import secret_key  # noqa: E402
from lightrag_site.errors import SettingError  # noqa: E402
from retrieval.llm.errors import LLMError  # noqa: E402
from retrieval.llm.registry import configured_models  # noqa: E402

ADMINISTRATOR = "admin"
PROTECTED, OPEN = "protected", "open"
"""What is written to standard output: whether requests need authentication."""
MIGRATION_LOCK = 0x4C52
"""Key of the advisory lock with which the first of several machines migrates."""


def main() -> int:
    """Return 0, or 2 after printing one line to standard error."""
    try:
        configured_models.check()
        bundle.of_site()
        migrate()
        check_embedding(lookup.ensure(settings.LIGHTRAG.server.workspace))
        groups.create_defaults()
        if "--administrator" in sys.argv:
            create_administrator()
        sys.stdout.write(PROTECTED if authentication.is_configured() else OPEN)
    except (ImproperlyConfigured, LLMError) as error:
        sys.stderr.write(f"lightrag-server: {error}\n")
        return 2
    return 0


def migrate() -> None:
    """Migrate the tables; raise SettingError if the database rejects it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            call_command("migrate", verbosity=0, interactive=False)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    except DatabaseError as error:
        raise SettingError(
            "DATABASE_URL",
            f"cannot create the tables: {' '.join(str(error).split())}",
            "Use PostgreSQL 17 or later with pgvector and a user that may CREATE"
            " EXTENSION",
        ) from error


def check_embedding(workspace: Workspace) -> None:
    """Raise SettingError if the stored vectors are of another model."""
    embedding, next_embedding = (
        settings.LIGHTRAG.embedding,
        settings.LIGHTRAG.next_embedding,
    )
    if next_embedding and workspace.embedding_model == next_embedding.label:
        return
    if workspace.embedding_dimensions != embedding.dimensions:
        raise SettingError(
            "EMBEDDING_DIM",
            f"{embedding.dimensions} is configured, but workspace '{workspace.name}'"
            f" holds vectors of {workspace.embedding_dimensions}"
            f" ({workspace.embedding_model})",
            "Restore the setting, change the model with NEXT_EMBEDDING_MODEL and"
            " `manage.py reembed`, or choose another WORKSPACE",
        )
    stored = workspace.embedding_model.partition(":")[2]
    if stored and stored != embedding.model:
        raise SettingError(
            "EMBEDDING_MODEL",
            f"'{embedding.model}' is configured, but workspace '{workspace.name}'"
            f" holds vectors of '{stored}'",
            "Restore the setting, change the model with NEXT_EMBEDDING_MODEL and `manage.py"
            " reembed`, or choose another WORKSPACE",
        )


def create_administrator() -> None:
    """Create the first administrator; store a generated password in a private file."""
    users = get_user_model()
    if users.objects.filter(is_superuser=True).exists():
        return
    password = settings.LIGHTRAG.access.admin_password
    if not password:
        password = secrets.token_urlsafe(12)
        password_file = paths.of(settings.LIGHTRAG.server.working_dir).admin_password
        password_file.unlink(missing_ok=True)
        secret_key.write_once(password_file, password)
    users.objects.create_superuser(ADMINISTRATOR, password=password)


if __name__ == "__main__":
    sys.exit(main())
