"""`manage.py migrate`: Django's command, extended by PostgreSQL's extensions.

Extensions are created before the first table. AGE may have been installed after the
migrations that use it; then the graphs are created and filled at the end.
"""

from __future__ import annotations

from django.core.management.commands import migrate

from graph.age import projection
from retrieval.index import extensions


class Command(migrate.Command):
    """Create the extensions, migrate, and install the AGE projection if it is missing."""

    def handle(self, *args: object, **options: object) -> None:
        extensions.ensure()
        super().handle(*args, **options)
        if projection.install():
            self.stdout.write("Apache AGE was added: the graphs have been created.")
