"""Login forms of the pages and of the admin, with the lockout of `/login`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm as UnfoldAuthenticationForm

from compat_api.auth import login
from compat_api.auth.lockout import LockedOut
from documents.workspaces.audit import Kind

LOCKED = _("Too many failed login attempts. Please try again later.")


class LoginForm(AuthenticationForm):
    """Login form; `is_locked` tells the template that the address is locked out."""

    is_locked = False

    def clean(self) -> dict[str, Any]:
        """Check the password; raise ValidationError."""
        name = self.cleaned_data.get("username")
        password = self.cleaned_data.get("password")
        if self.request is None or name is None or not password:
            return self.cleaned_data
        try:
            user = login.attempt(
                self.request, name, lambda: self.find_user(name, password)
            )
        except LockedOut as error:
            self.is_locked = True
            self.request.retry_after = error.retry_after  # type: ignore[attr-defined]
            raise ValidationError(LOCKED, code="locked") from None
        if user is None:
            raise self.get_invalid_login_error()
        self.user_cache = user
        self.confirm_login_allowed(user)
        login.record_success(self.request, name, Kind.USER)
        return self.cleaned_data

    def find_user(self, name: str, password: str) -> User | None:
        """Return the user with this name and password, or None."""
        user = authenticate(self.request, username=name, password=password)
        return user if isinstance(user, User) else None


class AdminLoginForm(LoginForm, UnfoldAuthenticationForm):
    """Login form of the admin, for staff."""
