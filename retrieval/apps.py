"""Django's configuration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetrievalConfig(AppConfig):
    """The retrieval app, called “Models” in the admin."""

    name = "retrieval"
    verbose_name = _("Models")
    default_auto_field = "django.db.models.BigAutoField"
