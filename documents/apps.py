from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "Library"
    default_auto_field = "django.db.models.BigAutoField"
