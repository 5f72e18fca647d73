"""Settings for tests, independent of the environment and of `.env`."""

from __future__ import annotations

import atexit
import os
import tempfile

from lightrag_site.configuration import environment

PRESERVED = {"POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD"}
for _name in environment.known_names() - PRESERVED:
    os.environ.pop(_name, None)
_scratch = tempfile.TemporaryDirectory(prefix="lightrag-tests-")
atexit.register(_scratch.cleanup)
os.environ["WORKING_DIR"] = f"{_scratch.name}/rag_storage"
os.environ["INPUT_DIR"] = f"{_scratch.name}/inputs"
os.environ["LIGHTRAG_ENV_FILE"] = os.devnull

from lightrag_site.settings import *  # noqa: E402, F403 - the environment comes first
from lightrag_site.settings import DATABASES  # noqa: E402

# The threads and connections of a pool outlive the transaction of a test.
DATABASES["default"]["OPTIONS"].pop("pool", None)
# Keep messages in this process.
CELERY_BROKER_URL = "memory://"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
