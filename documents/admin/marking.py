"""A passage with the entities it names marked in it, each a link to its page."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def mark(text: str, entities: Mapping[str, int]) -> SafeString:
    """`text` escaped, every occurrence of a name (any case) linked to its entity.

    Where names overlap the longer one wins. Latin names match whole words only.
    """
    ids = {name.casefold(): pk for name, pk in entities.items() if name.strip()}
    if not ids:
        return format_html("{}", text)
    parts = _pattern(ids).split(text)
    return format_html_join("", "{}", ((_part(part, ids),) for part in parts))


def _pattern(names: Mapping[str, int]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(
        "(" + "|".join(_bounded(name) for name in longest_first) + ")", re.IGNORECASE
    )


def _bounded(name: str) -> str:
    before = r"(?<![^\W_])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![^\W_])" if name[-1].isascii() and name[-1].isalnum() else ""
    return before + re.escape(name) + after


def _part(part: str, ids: Mapping[str, int]) -> str | SafeString:
    pk = ids.get(part.casefold())
    if pk is None:
        return part
    url = reverse("admin:graph_entity_change", args=[pk])
    return format_html('<a href="{}"><mark>{}</mark></a>', url, part)
