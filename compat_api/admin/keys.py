"""API keys: made, shown once, and revoked. They are never changed nor deleted."""

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
from compat_api.auth.api_keys import Wanted
from compat_api.models import ApiKey, Role
from documents.admin_kit.lists import ListAdmin
from documents.admin_kit.panels import moment
from documents.admin_kit.translated_terms import lazily as _

LABELS = {"active": "success", "expired": "warning", "revoked": "danger"}
STATES = {"active": _("active"), "expired": _("expired"), "revoked": _("revoked")}


class KeyForm(forms.ModelForm[ApiKey]):
    """A key to be made."""

    request: HttpRequest

    class Meta:
        model = ApiKey
        widgets = {"workspaces": UnfoldAdminCheckboxSelectMultipleWidget}
        fields = [
            "name",
            "right",
            "all_workspaces",
            "workspaces",
            "expires_at",
            "requests_per_minute",
        ]

    def clean_right(self) -> int:
        """Nobody hands out more than he has."""
        right = int(self.cleaned_data["right"])
        user = self.request.user
        if isinstance(user, User) and accounts.right_of(user) < right:
            raise forms.ValidationError(gettext("You have not that right yourself."))
        return right

    def clean(self) -> dict[str, Any]:
        """A key opens something."""
        found: dict[str, Any] = super().clean() or {}
        if not found.get("all_workspaces") and not found.get("workspaces"):
            self.add_error("workspaces", gettext("Choose workspaces, or all of them."))
        return found

    def wanted(self) -> Wanted:
        """What was filled in."""
        said = self.cleaned_data
        return Wanted(
            said["name"],
            Role(said["right"]),
            None if said["all_workspaces"] else list(said["workspaces"]),
            said["expires_at"],
            said["requests_per_minute"],
        )


@admin.register(ApiKey)
class ApiKeyAdmin(ListAdmin):
    """Every key there is or was."""

    form = KeyForm
    list_display = ["name", "start", "right", "opens", "state_label", "used", "ends"]
    search_fields = ["name"]
    ordering = ["name"]
    actions = ["revoke"]
    list_disable_select_all = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        found: QuerySet[ApiKey] = super().get_queryset(request)
        return found.prefetch_related("workspaces")

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
        """One button: the key is shown next."""
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
        """By Django's permission to change keys."""
        return request.user.has_perm("compat_api.change_apikey")

    def save_model(
        self,
        request: HttpRequest,
        obj: ApiKey,
        form: KeyForm,
        change: bool,  # noqa: FBT001 - Django's
    ) -> None:
        made, request.new_key = api_keys.make(form.wanted())  # type: ignore[attr-defined]
        obj.pk = made.pk

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The key itself, in this one answer and nowhere else."""
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("API key %s") % obj.name,
            "key": request.new_key,  # type: ignore[attr-defined]
            "name": obj.name,
        }
        return TemplateResponse(request, "admin/compat_api/key_made.html", context)

    @action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """Close them for good."""
        active = list(queryset.filter(revoked_at=None))
        for key in active:
            api_keys.revoke(key.name)
        said = ngettext(
            "%d key opens nothing any more.",
            "%d keys open nothing any more.",
            len(active),
        )
        self.message_user(request, said % len(active), messages.SUCCESS)

    @display(description=_("Begins with"))
    def start(self, key: ApiKey) -> str:
        return f"{key.begins}…"

    @display(description=_("Opens"))
    def opens(self, key: ApiKey) -> str:
        if key.all_workspaces:
            return gettext("all workspaces")
        return ", ".join(map(str, key.workspaces.all())) or gettext("none")

    @display(description=_("State"), label=LABELS)
    def state_label(self, key: ApiKey) -> tuple[str, str]:
        return key.state, str(STATES[key.state])

    @display(description=_("Last used"), ordering="last_used_at")
    def used(self, key: ApiKey) -> SafeString | str:
        return moment(key.last_used_at) if key.last_used_at else gettext("never")

    @display(description=_("Ends"), ordering="expires_at")
    def ends(self, key: ApiKey) -> SafeString | str:
        return moment(key.expires_at) if key.expires_at else gettext("never")
