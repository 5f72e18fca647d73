from django.apps import AppConfig


class CompatApiConfig(AppConfig):
    name = "compat_api"
    default_auto_field = "django.db.models.BigAutoField"
