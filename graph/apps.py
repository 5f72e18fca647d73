"""Configuration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GraphConfig(AppConfig):
    """The graph app."""

    name = "graph"
    verbose_name = _("Graph")
    default_auto_field = "django.db.models.BigAutoField"
