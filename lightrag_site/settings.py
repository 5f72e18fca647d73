"""Django's settings. Everything that a user can configure comes from `LIGHTRAG`."""

from __future__ import annotations

import os
from pathlib import Path

import django_stubs_ext

import lightrag_site.celery  # noqa: F401 - shared tasks need the app
from lightrag_site.admin_theme.unfold import UNFOLD as UNFOLD
from lightrag_site.configuration import databases, environment, secret_key
from lightrag_site.observability import logs
from lightrag_site.rest_framework import REST_FRAMEWORK as REST_FRAMEWORK
from lightrag_site.rest_framework import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from lightrag_site.serving import content_policy

django_stubs_ext.monkeypatch()
LIGHTRAG = environment.read(os.environ, Path.cwd())

SECRET_KEY = secret_key.read(LIGHTRAG)
DEBUG = False
ALLOWED_HOSTS = list(LIGHTRAG.access.allowed_hosts)
INSTALLED_APPS = [
    "lightrag_site",
    "unfold",
    "unfold.contrib.filters",
    # urls.py imports the admin modules, which workers and commands do not need.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "ninja",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "documents",
    "graph",
    "retrieval",
    "compat_api",
]
MIDDLEWARE = [
    "lightrag_site.observability.logs.RequestIdMiddleware",
    "lightrag_site.serving.middleware.SecurityMiddleware",
    "lightrag_site.serving.middleware.ServeStaticMiddleware",
    "lightrag_site.serving.middleware.ContentPolicy",
    "lightrag_site.serving.middleware.SessionMiddleware",
    "lightrag_site.serving.middleware.LocaleMiddleware",
    "lightrag_site.serving.middleware.CommonMiddleware",
    "lightrag_site.serving.middleware.CsrfViewMiddleware",
    "lightrag_site.serving.middleware.AuthenticationMiddleware",
    "compat_api.auth.authentication.ActorMiddleware",
    "lightrag_site.serving.middleware.AdminRateMiddleware",
    "lightrag_site.serving.middleware.MessageMiddleware",
    "lightrag_site.serving.middleware.XFrameOptionsMiddleware",
    "compat_api.http.json_errors.JsonErrors",
]
ROOT_URLCONF = "lightrag_site.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ASGI_APPLICATION = "lightrag_site.asgi.application"
DATABASES = {"default": databases.django_database(LIGHTRAG)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hant", "繁體中文"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
# Templates and all apps share one catalogue per language.
LOCALE_PATHS = [Path(__file__).parent / "locale"]
CONTENT_SECURITY_POLICY = content_policy.POLICY
NUMBER_GROUPING = 3  # Chinese formats do not define it
TIME_ZONE = "UTC"
USE_TZ = True
LOGGING = logs.config(LIGHTRAG.server.log_level, LIGHTRAG.observe.log_format)

# Served from the installed packages, so `collectstatic` is not needed.
STATIC_URL = f"{LIGHTRAG.server.api_prefix}/static/"
SERVESTATIC_STATIC_PREFIX = "/static/"
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_MAX_AGE = 600

# compat_api.http.body_limit limits bodies per route, before they are read.
DATA_UPLOAD_MAX_MEMORY_SIZE = None
DATA_UPLOAD_MAX_NUMBER_FILES = 1000

CSRF_TRUSTED_ORIGINS = list(LIGHTRAG.access.csrf_trusted_origins)
CSRF_COOKIE_SECURE = LIGHTRAG.server.ssl or LIGHTRAG.access.secure_cookies
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE
LANGUAGE_COOKIE_SECURE = CSRF_COOKIE_SECURE
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # Django looks for its own classes by name; MIDDLEWARE has subclasses of them.
    "security.W001",
    "security.W002",
    "security.W003",
    # HSTS applies to all ports of a host name. Other ports may belong to other programs,
    # so only a proxy that owns the host name should send it.
    "security.W004",
    # With SSL there is no plain HTTP port to redirect from.
    "security.W008",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SESSION_COOKIE_AGE = int(LIGHTRAG.access.session_hours * 3600)
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Set by the supervisor for workers. If empty, the process calls providers itself.
SUPERVISED_WORKER = bool(os.environ.get(environment.SUPERVISED_WORKER))
MODEL_RELAY = os.environ.get(environment.MODEL_RELAY, "")
# Set by the supervisor. If empty, each worker process starts its own fork server.
PARSE_SERVER = os.environ.get(environment.PARSE_SERVER, "")
REDIS_URL = databases.redis_url(LIGHTRAG)
CELERY_BROKER_URL = databases.broker_url(LIGHTRAG)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Uploads must not wait for an unavailable broker: the next sweep notifies the workers.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "max_retries": 1,
    "interval_start": 0,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
# There is no result backend, but without this each thread searches all packages for one.
CELERY_RESULT_BACKEND_THREAD_SAFE = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
# Seconds that a stopped worker has to finish; other workers continue the rest.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 4.0
CELERY_TIMEZONE = TIME_ZONE
# Kept in memory: the only entry is due at every start.
CELERY_BEAT_SCHEDULER = "celery.beat.Scheduler"
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "documents.pipeline.tasks.sweep",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    }
}
