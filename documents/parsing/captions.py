"""Captions of figures, found beside the figure by their labels, such as "Figure 2:"."""

from __future__ import annotations

import re
from dataclasses import replace

from documents.parsing.parsed_document import Image, ParsedDocument

MAX_CAPTION = 1000
"""Upper bound on the characters of a caption."""
SEARCHED = 5000
"""Upper bound on the characters of OCR text between an image and its caption."""
_LABEL = re.compile(
    r"""
    [\[(<【〈《]? \s*
    (?: fig(?:s?\.|ures?|ura|uur)? | abb(?:\.|ildung) | abbildung | image | photo(?:graph)?
      | chart | diagram | plate | scheme | exhibit | illustration | imagen
      | рис(?:\.|унок) | 图 | 圖 | 図 | 图表 | 圖表 | 图片 | 圖片 | 그림 )
    \s* (?: [A-Z]{0,2} [.\-]? \d | [一二三四五六七八九十]{1,3} | [IVX]+ \b )
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_caption(text: str) -> bool:
    """Return whether a text begins with the label of a figure and its number."""
    return bool(_LABEL.match(text))


def shortened(text: str) -> str:
    """Return a caption in one line, without what exceeds MAX_CAPTION characters."""
    return " ".join(text.split())[:MAX_CAPTION]


def position(text: str, image: Image) -> int:
    """Return the position of an image's caption in the text, or of the image."""
    if not image.caption:
        return image.position
    start = max(0, image.position - MAX_CAPTION)
    index = text.find(image.caption[:100], start, image.position + SEARCHED)
    return image.position if index < 0 else index + 1


def add(parsed: ParsedDocument) -> ParsedDocument:
    """Return the document with the captions of its images.

    A caption is the line after or before an image, as most captions of the document. An
    image without a caption keeps its alternative text.
    """
    if not parsed.images:
        return parsed
    around = [_lines_around(parsed.text, image) for image in parsed.images]
    is_above = sum(is_caption(above) for above, _ in around) > sum(
        is_caption(below) for _, below in around
    )
    images = list[Image]()
    for image, (above, below) in zip(parsed.images, around, strict=True):
        lines = (above, below) if is_above else (below, above)
        caption = next(filter(is_caption, lines), image.caption)
        images.append(replace(image, caption=shortened(caption)))
    return replace(parsed, images=tuple(images))


def _lines_around(text: str, image: Image) -> tuple[str, str]:
    """Return the lines before and after an image, without its alternative text."""
    at = image.position
    before = text[max(0, at - MAX_CAPTION) : at].rstrip()
    after = text[at : at + 2 * MAX_CAPTION].lstrip()
    if image.caption and after.startswith(image.caption):
        after = after[len(image.caption) :].lstrip()
    return before[before.rfind("\n") + 1 :], after.partition("\n")[0]
