"""Chunk texts in HTML, with links on the names of entities."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def highlight(text: str, urls: Mapping[str, str]) -> SafeString:
    """Return the escaped text with a link on every occurrence of a name.

    Case is ignored. Of overlapping names the longer one gets the link. Latin names match
    whole words only.
    """
    links = {name.casefold(): url for name, url in urls.items() if name.strip()}
    if not links:
        return format_html("{}", text)
    parts = _pattern(links).split(text)
    return format_html_join("", "{}", ((_part(part, links),) for part in parts))


def _pattern(names: Mapping[str, str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(
        "(" + "|".join(_bounded(name) for name in longest_first) + ")", re.IGNORECASE
    )


def _bounded(name: str) -> str:
    before = r"(?<![^\W_])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![^\W_])" if name[-1].isascii() and name[-1].isalnum() else ""
    return before + re.escape(name) + after


def _part(part: str, links: Mapping[str, str]) -> str | SafeString:
    url = links.get(part.casefold())
    if url is None:
        return part
    return format_html('<a href="{}"><mark>{}</mark></a>', url, part)
