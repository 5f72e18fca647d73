"""Clients of parsers that are services: Docling and MinerU."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from documents.errors import MissingFile, ServiceFailed
from documents.parse_process.services import docling, mineru
from documents.parse_process.services.config import DoclingConfig


async def convert(service: str, file: Path, name: str, target: Path) -> None:
    """Store the result of a service for a file in `target`.

    Raises ServiceFailed or MissingFile.
    """
    config = settings.LIGHTRAG.parser_services[service]
    if not config.endpoint:
        raise ServiceFailed(f"{config.setting} is not set, but '{name}' needs it.")
    if not file.is_file():
        raise MissingFile(f"The file of '{name}' no longer exists. Upload it again.")
    if isinstance(config, DoclingConfig):
        await docling.convert(config, file, name, target)
    else:
        await mineru.convert(config, file, name, target)
