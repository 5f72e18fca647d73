"""Login, logout, and the selection of a workspace and a language."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from compat_api.auth.login_forms import LoginForm
from compat_api.http import url_resolution
from compat_api.webui import permissions, selected_workspace
from documents.workspaces import lookup

ONE_YEAR = 365 * 24 * 3600
"""Lifetime of the workspace cookie in seconds."""
MAX_SUGGESTIONS = 20

login = permissions.not_cached(
    LoginView.as_view(
        template_name="webui/login.html",
        authentication_form=LoginForm,
        next_page=reverse_lazy("webui:documents"),
        redirect_authenticated_user=False,
    )
)
choose_language = permissions.not_cached(set_language)
"""Stores the language in a cookie. No permission is needed, so the login page has it."""
logout = permissions.not_cached(
    LogoutView.as_view(next_page=reverse_lazy("webui:documents"))
)
for _view in (login, logout, choose_language):
    url_resolution.mark_public(_view)


@require_POST
@permissions.needs("documents.view_document")
def choose_workspace(request: HttpRequest) -> HttpResponse:
    """Store the workspace in a cookie and redirect to the page `back`."""
    workspace = lookup.get(request.POST.get("workspace", ""))
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("webui:documents")
    response = HttpResponseRedirect(back)
    response.set_cookie(
        selected_workspace.COOKIE,
        workspace.name,
        max_age=ONE_YEAR,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


@permissions.needs("documents.view_document")
def workspace_names(request: HttpRequest) -> HttpResponse:
    """Return workspaces whose name contains `q`."""
    text = request.GET.get("q", "").strip()
    names = selected_workspace.names(text, MAX_SUGGESTIONS)
    return JsonResponse({"names": names})
