"""Number of modules that the deletion of documents imports."""

from __future__ import annotations

import subprocess
import sys

MAX_MODULES = 40

COUNT = """
import sys
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "documents",
        "graph",
        "retrieval",
    ]
)
django.setup()
import documents.lifecycle.document_deletion

packages = ("lightrag_site", "compat_api", "retrieval", "documents", "graph")
print(*(name for name in sys.modules if name.partition(".")[0] in packages))
"""


def test_importing_deletion_loads_few_project_modules() -> None:
    process = subprocess.run(
        [sys.executable, "-c", COUNT], check=True, capture_output=True, text=True
    )
    modules = process.stdout.split()
    assert "documents.lifecycle.document_deletion" in modules
    assert len(modules) < MAX_MODULES, modules
