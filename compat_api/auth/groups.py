"""Default groups of a new site, one for each role."""

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
VIEW_PERMISSIONS = Q(
    content_type__app_label__in=("documents", "graph", "retrieval"),
    codename__startswith="view_",
) & ~Q(codename="view_auditentry")
ADMIN_PERMISSIONS = ("view_auditentry", "view_apikey", "add_apikey", "change_apikey")


def create_defaults() -> None:
    """Create the groups unless there is any group; deleted ones are not restored."""
    if Group.objects.exists():
        return
    granted = VIEW_PERMISSIONS
    for role, name in NAMES.items():
        for permission in accounts.REQUIRED_PERMISSIONS[role]:
            app, _, codename = permission.partition(".")
            granted |= Q(content_type__app_label=app, codename=codename)
        if role is Role.ADMIN:
            granted |= Q(codename__in=ADMIN_PERMISSIONS)
        Group.objects.create(name=name).permissions.set(
            Permission.objects.filter(granted)
        )
