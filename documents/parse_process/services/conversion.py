"""Conversion of a file by the service of a given name."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from django.conf import settings

from documents.errors import MissingFile, ServiceFailed


async def convert(service: str, file: Path, name: str, target: Path) -> None:
    """Store the result of a service for a file in `target`.

    The client is imported here, because most workers use no service. Raises ServiceFailed
    or MissingFile.
    """
    config = settings.LIGHTRAG.parser_services[service]
    if not config.endpoint:
        raise ServiceFailed(f"{config.setting} is not set, but '{name}' needs it.")
    if not file.is_file():
        raise MissingFile(f"The file of '{name}' no longer exists. Upload it again.")
    client = import_module(f"documents.parse_process.services.{service}")
    await client.convert(config, file, name, target)
