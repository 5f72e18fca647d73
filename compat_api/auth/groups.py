"""Django's groups that a new site begins with, one a right."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from compat_api.auth import accounts
from compat_api.models import Role

NAMES = {
    Role.READ: "Readers",
    Role.WRITE: "Editors",
    Role.ADMIN: "Administrators",
}
LOOKING = Q(
    content_type__app_label__in=("documents", "graph", "retrieval"),
    codename__startswith="view_",
) & ~Q(codename="view_auditentry")
RULING = ("view_auditentry", "view_apikey", "add_apikey", "change_apikey")


def make() -> None:
    """Make them where there is no group at all: who took one away does not get it back."""
    if Group.objects.exists():
        return
    holding = LOOKING
    for right, name in NAMES.items():
        for permission in accounts.NEEDED[right]:
            app, _, codename = permission.partition(".")
            holding |= Q(content_type__app_label=app, codename=codename)
        if right is Role.ADMIN:
            holding |= Q(codename__in=RULING)
        Group.objects.create(name=name).permissions.set(
            Permission.objects.filter(holding)
        )
