"""The ASGI application."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightrag_site.settings")
django_application = get_asgi_application()

from compat_api.body_limit import BodyLimit  # noqa: E402 - Django must be set up first

application = BodyLimit(django_application)
