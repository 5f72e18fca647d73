"""API keys in the admin: created, shown once, revoked; never changed or deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from compat_api.auth import accounts, api_keys
from compat_api.auth.api_keys import NewKey
from compat_api.models import ApiKey, Role
from documents.admin_kit.lists import ListAdmin
from documents.admin_kit.panels import moment
from documents.admin_kit.translated_terms import lazily as _

LABELS = {"active": "success", "expired": "warning", "revoked": "danger"}
STATES = {"active": _("active"), "expired": _("expired"), "revoked": _("revoked")}


class KeyForm(forms.ModelForm[ApiKey]):
    """Form for a new API key."""

    request: HttpRequest

    class Meta:
        model = ApiKey
        widgets = {"workspaces": UnfoldAdminCheckboxSelectMultipleWidget}
        fields = [
            "name",
            "role",
            "all_workspaces",
            "workspaces",
            "expires_at",
            "requests_per_minute",
        ]

    def clean_role(self) -> int:
        """Refuse a role higher than that of the user."""
        role = int(self.cleaned_data["role"])
        user = self.request.user
        if isinstance(user, User) and accounts.role_of(user) < role:
            raise forms.ValidationError(
                gettext("You can't grant a role you don't have.")
            )
        return role

    def clean(self) -> dict[str, Any]:
        """Require at least one workspace."""
        values: dict[str, Any] = super().clean() or {}
        if not values.get("all_workspaces") and not values.get("workspaces"):
            self.add_error(
                "workspaces", gettext("Choose workspaces, or all workspaces.")
            )
        return values

    def new_key(self) -> NewKey:
        """Return the key that the form describes."""
        values = self.cleaned_data
        return NewKey(
            values["name"],
            Role(values["role"]),
            None if values["all_workspaces"] else list(values["workspaces"]),
            values["expires_at"],
            values["requests_per_minute"],
        )


@admin.register(ApiKey)
class ApiKeyAdmin(ListAdmin):
    """API keys, including revoked ones."""

    form = KeyForm
    list_display = [
        "name",
        "prefix_label",
        "role",
        "workspace_names",
        "state_label",
        "last_used",
        "expires",
    ]
    search_fields = ["name"]
    ordering = ["name"]
    actions = ["revoke"]
    list_disable_select_all = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        keys: QuerySet[ApiKey] = super().get_queryset(request)
        return keys.prefetch_related("workspaces")

    def get_form(
        self,
        request: HttpRequest,
        obj: ApiKey | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's
        **kwargs: Any,
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.request = request  # type: ignore[attr-defined]
        return form

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a single save button, because the next page shows the key."""
        hidden = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **hidden})

    def has_change_permission(
        self, request: HttpRequest, obj: ApiKey | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: ApiKey | None = None
    ) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may revoke keys: the permission `change_apikey`."""
        return request.user.has_perm("compat_api.change_apikey")

    def save_model(
        self,
        request: HttpRequest,
        obj: ApiKey,
        form: KeyForm,
        change: bool,  # noqa: FBT001 - Django's
    ) -> None:
        created, request.new_key = api_keys.create(form.new_key())  # type: ignore[attr-defined]
        obj.pk = created.pk

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the key, once."""
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("API key %s") % obj.name,
            "key": request.new_key,  # type: ignore[attr-defined]
            "name": obj.name,
        }
        return TemplateResponse(request, "admin/compat_api/key_created.html", context)

    @action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """Revoke the selected keys."""
        active = list(queryset.filter(revoked_at=None))
        for key in active:
            api_keys.revoke(key.name)
        message = ngettext(
            "%d API key revoked.",
            "%d API keys revoked.",
            len(active),
        )
        self.message_user(request, message % len(active), messages.SUCCESS)

    @display(description=_("Prefix"))
    def prefix_label(self, key: ApiKey) -> str:
        return f"{key.prefix}…"

    @display(description=_("Workspaces"))
    def workspace_names(self, key: ApiKey) -> str:
        if key.all_workspaces:
            return gettext("all workspaces")
        return ", ".join(map(str, key.workspaces.all())) or gettext("none")

    @display(description=_("State"), label=LABELS)
    def state_label(self, key: ApiKey) -> tuple[str, str]:
        return key.state, str(STATES[key.state])

    @display(description=_("Last used"), ordering="last_used_at")
    def last_used(self, key: ApiKey) -> SafeString | str:
        return moment(key.last_used_at) if key.last_used_at else gettext("never")

    @display(description=_("Expires"), ordering="expires_at")
    def expires(self, key: ApiKey) -> SafeString | str:
        return moment(key.expires_at) if key.expires_at else gettext("never")
