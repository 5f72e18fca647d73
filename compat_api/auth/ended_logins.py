"""Logins that were ended before they expired: by a logout, or by an administrator."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

from compat_api.auth import tokens
from compat_api.auth.tokens import Token
from compat_api.models import EndedLogin
from documents.workspaces.audit import Kind

USER_ID = "_auth_user_id"
"""Key of the user's id in a session, as Django stores it."""


def end(token: Token) -> None:
    """End the login of one token, and of the tokens that renewed it."""
    EndedLogin.objects.create(
        kind=token.kind,
        name=token.subject,
        token_id=token.login_id,
        ended_at=timezone.now(),
    )


def end_all(name: str) -> int:
    """End all logins of an account or a user; return the number of ended sessions."""
    now = timezone.now()
    EndedLogin.objects.bulk_create(
        EndedLogin(kind=kind.value, name=name, ended_at=now)
        for kind in (Kind.ACCOUNT, Kind.USER)
    )
    _delete_old(now)
    user = get_user_model().objects.filter(username=name).first()
    return 0 if user is None else _end_sessions(str(user.pk))


def is_ended(token: Token) -> bool:
    """Return whether a token's login was ended. One query."""
    all_logins = Q(token_id="", ended_at__gte=_login_time(token))
    this_login = Q(token_id=token.login_id) if token.login_id else Q(pk=None)
    ended = EndedLogin.objects.filter(name=token.subject, kind=token.kind)
    return ended.filter(all_logins | this_login).exists()


def _login_time(token: Token) -> datetime:
    return token.login or token.expires - tokens.lifetime(token.role)


def _end_sessions(user_id: str) -> int:
    keys = [
        session.session_key
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.get_decoded().get(USER_ID) == user_id
    ]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)


def _delete_old(now: datetime) -> None:
    """Delete rows of logins that have expired anyway."""
    longest = timedelta(days=400)
    EndedLogin.objects.filter(ended_at__lt=now - longest).delete()
