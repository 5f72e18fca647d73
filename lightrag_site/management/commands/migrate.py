"""`manage.py migrate`: Django's own, with PostgreSQL's extensions made before the first table."""

from __future__ import annotations

from django.core.management.commands import migrate

from retrieval.index import extensions


class Command(migrate.Command):
    def handle(self, *args: object, **options: object) -> None:
        extensions.ensure()
        super().handle(*args, **options)
