"""Application configuration of the APIs."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from compat_api.auth import deployment_checks


class CompatApiConfig(AppConfig):
    """The APIs and pages."""

    name = "compat_api"
    verbose_name = _("Access")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of our settings with `check --deploy`."""
        checks.register(deployment_checks.check, checks.Tags.security, deploy=True)
