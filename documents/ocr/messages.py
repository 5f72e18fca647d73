"""What OCR reads, and what it returns. Only these classes cross the process boundary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Scan:
    """A page of a PDF or an image file. `page` is 1-based, also for frames of an image."""

    path: Path
    page: int = 1
    password: str = ""


@dataclass(frozen=True, slots=True)
class ScanLine:
    """A line of text, and its box in the frame in which the text is level, in points."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """The lines of a page. `angle` (0, 90, 180, 270) is that of its text, clockwise.

    `width` and `height` are those of the shown page in points; a pixel of an image file
    counts as a point. `error` says why a page could not be read.
    """

    lines: tuple[ScanLine, ...] = ()
    angle: int = 0
    width: float = 0.0
    height: float = 0.0
    error: str = ""


Recognize = Callable[[Sequence[Scan]], Sequence[ScannedPage]]
"""Function that reads scans; it returns as many pages, in the same order."""
