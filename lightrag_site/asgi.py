"""The ASGI application."""

import os

from django.core.asgi import get_asgi_application

from compat_api.body_limit import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightrag_site.settings")
application = BodyLimit(get_asgi_application())
