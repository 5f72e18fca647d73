"""The audit trail, to be read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from documents.admin.audit_terms import DONE, KINDS
from documents.admin_kit.lists import ReadOnlyAdmin
from documents.admin_kit.panels import moment
from documents.admin_kit.translated_terms import lazily as _
from documents.workspaces.actor import Kind
from documents.workspaces.audit import Action
from graph.models import AuditEntry


class WhatHappened(admin.SimpleListFilter):
    """By action; the list of them is known, so nothing has to be counted."""

    title = _("action")
    parameter_name = "action"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        return [(action.value, DONE[action]) for action in Action]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        value = self.value()
        return queryset.filter(action=value) if value else queryset


class HowKnown(admin.SimpleListFilter):
    """By how the actor was known."""

    title = _("kind of actor")
    parameter_name = "kind"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        return [(kind.value, KINDS[kind]) for kind in Kind]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        value = self.value()
        return queryset.filter(actor_kind=value) if value else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The newest first."""

    list_display = ["when", "who", "done", "target_cell", "workspace", "address"]
    list_filter = [WhatHappened, HowKnown]
    search_fields = ["actor", "target", "workspace", "address"]
    search_help_text = _("Who, what, where")
    ordering = ["-id"]
    fields = ["when", "who", "address", "done", "workspace", "target", "told"]
    readonly_fields = ("when", "who", "done", "told")

    @display(description=_("When"), ordering="id")
    def when(self, entry: AuditEntry) -> SafeString:
        return moment(entry.created_at)

    @display(description=_("Who"), ordering="actor")
    def who(self, entry: AuditEntry) -> str:
        kind = KINDS.get(entry.actor_kind, entry.actor_kind)
        return (
            str(kind) if entry.actor == entry.actor_kind else f"{entry.actor} ({kind})"
        )

    @display(description=_("action"), ordering="action")
    def done(self, entry: AuditEntry) -> str:
        return DONE.get(entry.action, entry.action)

    @display(description=_("What"))
    def target_cell(self, entry: AuditEntry) -> SafeString:
        return format_html('<span class="prose-cell">{}</span>', entry.target[:240])

    @display(description=_("Details"))
    def told(self, entry: AuditEntry) -> SafeString:
        text = json.dumps(entry.details, indent=2, ensure_ascii=False)
        return format_html("<pre>{}</pre>", text)
