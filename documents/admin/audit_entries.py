"""Read-only admin pages of the audit log."""

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

from documents.admin.audit_terms import ACTION_LABELS, KIND_LABELS
from documents.admin_kit.lists import ReadOnlyAdmin
from documents.admin_kit.panels import moment
from documents.admin_kit.translated_terms import lazily as _
from documents.workspaces.audit import Action, Kind
from graph.models import AuditEntry


class ActionFilter(admin.SimpleListFilter):
    """Filter by action. The choices are fixed, so no query is needed for them."""

    title = _("action")
    parameter_name = "action"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        return [(action.value, ACTION_LABELS[action]) for action in Action]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        value = self.value()
        return queryset.filter(action=value) if value else queryset


class ActorKindFilter(admin.SimpleListFilter):
    """Filter by how the caller was authenticated."""

    title = _("kind of caller")
    parameter_name = "kind"

    def lookups(
        self, request: HttpRequest, model_admin: Any
    ) -> Iterable[tuple[str, str]]:
        return [(kind.value, KIND_LABELS[kind]) for kind in Kind]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        value = self.value()
        return queryset.filter(actor_kind=value) if value else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit log, newest entries first."""

    list_display = [
        "when",
        "actor_cell",
        "action_cell",
        "target_cell",
        "workspace",
        "address",
    ]
    list_filter = [ActionFilter, ActorKindFilter]
    search_fields = ["actor", "target", "workspace", "address"]
    search_help_text = _("Caller, target, workspace or address")
    ordering = ["-id"]
    fields = [
        "when",
        "actor_cell",
        "address",
        "action_cell",
        "workspace",
        "target",
        "details_cell",
    ]
    readonly_fields = ("when", "actor_cell", "action_cell", "details_cell")

    @display(description=_("When"), ordering="id")
    def when(self, entry: AuditEntry) -> SafeString:
        return moment(entry.created_at)

    @display(description=_("Caller"), ordering="actor")
    def actor_cell(self, entry: AuditEntry) -> str:
        kind = KIND_LABELS.get(entry.actor_kind, entry.actor_kind)
        return (
            str(kind) if entry.actor == entry.actor_kind else f"{entry.actor} ({kind})"
        )

    @display(description=_("action"), ordering="action")
    def action_cell(self, entry: AuditEntry) -> str:
        return ACTION_LABELS.get(entry.action, entry.action)

    @display(description=_("What"))
    def target_cell(self, entry: AuditEntry) -> SafeString:
        return format_html('<span class="prose-cell">{}</span>', entry.target[:240])

    @display(description=_("Details"))
    def details_cell(self, entry: AuditEntry) -> SafeString:
        text = json.dumps(entry.details, indent=2, ensure_ascii=False)
        return format_html("<pre>{}</pre>", text)
