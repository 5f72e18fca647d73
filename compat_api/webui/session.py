"""Coming, going, and choosing a workspace."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from compat_api.auth.login_forms import WaitingForm
from compat_api.webui import permissions, selected_workspace
from documents.workspaces import lookup

A_YEAR = 365 * 24 * 3600

login = permissions.protected(
    LoginView.as_view(
        template_name="pages/login.html",
        authentication_form=WaitingForm,
        next_page=reverse_lazy("pages:documents"),
        redirect_authenticated_user=False,
    )
)
choose_language = permissions.protected(set_language)
"""Kept in a cookie; whoever may not come in yet may read the login in his language."""
logout = permissions.protected(
    LogoutView.as_view(next_page=reverse_lazy("pages:documents"))
)


@require_POST
@permissions.needs("documents.view_document")
def choose_workspace(request: HttpRequest) -> HttpResponse:
    """Remember the workspace in a cookie, and go back to where one was."""
    wanted = lookup.get(request.POST.get("workspace", ""))
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("pages:documents")
    response = HttpResponseRedirect(back)
    response.set_cookie(
        selected_workspace.COOKIE,
        wanted.name,
        max_age=A_YEAR,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response
