"""Django's configuration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetrievalConfig(AppConfig):
    """Retrieval; named after the models it calls, as the admin shows it."""

    name = "retrieval"
    verbose_name = _("Models")
    default_auto_field = "django.db.models.BigAutoField"
