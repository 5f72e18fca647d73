"""Configuration of the parsers that are services, read by their clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class DoclingConfig:
    """A docling-serve; without an endpoint there is none.

    `poll_seconds` is how long the service may delay the answer of one poll.
    """

    setting: ClassVar = "DOCLING_ENDPOINT"
    endpoint: str = ""
    ocr: bool = True
    force_ocr: bool = True
    ocr_engine: str = "auto"
    ocr_preset: str = "auto"
    ocr_languages: tuple[str, ...] = ()
    formulas: bool = False
    poll_seconds: int = 5
    max_polls: int = 240
    max_parallel: int = 1


@dataclass(frozen=True, slots=True)
class MineruConfig:
    """A mineru-api; without an endpoint there is none.

    Pages are counted from 0. `poll_seconds` is the time between two polls.
    """

    setting: ClassVar = "MINERU_LOCAL_ENDPOINT"
    endpoint: str = ""
    backend: str = "hybrid-auto-engine"
    parse_method: str = "auto"
    language: str = "ch"
    tables: bool = True
    formulas: bool = True
    first_page: int = 0
    last_page: int = 99999
    poll_seconds: int = 2
    max_polls: int = 600
    max_parallel: int = 1


ServiceConfig = DoclingConfig | MineruConfig
