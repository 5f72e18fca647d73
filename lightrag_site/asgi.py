"""The ASGI application."""

import os
from typing import cast

from django.conf import settings
from django.core.asgi import get_asgi_application

from compat_api.http.asgi import Application
from compat_api.http.body_limit import BodyLimitMiddleware
from lightrag_site import celery
from lightrag_site.observability import telemetry
from lightrag_site.serving.cross_origin import CrossOrigin
from lightrag_site.serving.db_threads import SharedThreads
from lightrag_site.serving.url_prefix import FullPath, SingleSlash, UrlPrefix

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lightrag_site.settings")
django_application = cast("Application", get_asgi_application())

# It imports models, so Django must be set up first.
from compat_api.http.admission import (  # noqa: E402
    AdmissionMiddleware,
    HeadLimitMiddleware,
    RefusalDelayMiddleware,
)
from compat_api.mcp.asgi import MCPMiddleware  # noqa: E402
from lightrag_site.serving.origin_guard import OriginGuard  # noqa: E402

telemetry.start(settings.LIGHTRAG.observe)
limited = BodyLimitMiddleware(AdmissionMiddleware(FullPath(django_application)))
guarded = OriginGuard(MCPMiddleware(limited))
site = SharedThreads(RefusalDelayMiddleware(HeadLimitMiddleware(guarded)))
application: Application = CrossOrigin(
    site, settings.LIGHTRAG.server.cors_origins or ("*",)
)
celery.prepare()
application = telemetry.instrument(application, settings.LIGHTRAG.observe)
application = SingleSlash(application)
if settings.LIGHTRAG.server.api_prefix:
    application = UrlPrefix(application, settings.LIGHTRAG.server.api_prefix)
