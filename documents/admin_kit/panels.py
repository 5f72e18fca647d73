"""Tables of related rows beneath an admin page's own fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime

from graph.models import SEPARATOR

TEMPLATE = "admin/graph/panels.html"
"""For `change_form_outer_after_template`; reads `panels` from the context."""

ROWS = 25
"""Rows that a panel shows; its list has the others."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One table; `more_url` leads to the list of all its rows."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    total: int = 0
    more_url: str = ""
    empty: str = ""

    @property
    def table(self) -> dict[str, object]:
        """As the theme's table component wants it."""
        return {"headers": self.headers, "rows": self.rows}


def page_of(model: str, pk: int, text: object) -> SafeString:
    """A link to a row's own page; `model` is `app_model`."""
    url = reverse(f"admin:{model}_change", args=[pk])
    return format_html('<a class="text-link" href="{}">{}</a>', url, text)


def list_of(model: str, **filters: object) -> str:
    """The address of a list with these filters set."""
    return reverse(f"admin:{model}_changelist") + "?" + urlencode(filters)


def moment(time: datetime) -> SafeString:
    """A time to the minute that does not wrap."""
    text = date_format(localtime(time), "Y-m-d H:i")
    return format_html('<time class="moment">{}</time>', text)


def quoted(text: str) -> SafeString:
    """What a model wrote, as it wrote it."""
    return format_html('<pre class="answer" tabindex="0">{}</pre>', text)


def prose(text: str, length: int = 240) -> SafeString:
    """A cell of running text, its fragments joined, cut at `length` characters."""
    joined = text.replace(SEPARATOR, " · ")
    return format_html(
        '<span class="prose-cell">{}</span>', Truncator(joined).chars(length)
    )
