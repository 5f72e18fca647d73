"""Tables of related rows below the fields of an admin page."""

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
"""Value of `change_form_outer_after_template`; its context contains `panels`."""

ROWS = 25
"""Upper bound on the rows of a panel; a link leads to all of them."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A table; `more_url` is the URL of the page with all rows."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    total: int = 0
    more_url: str = ""
    empty: str = ""

    @property
    def table(self) -> dict[str, object]:
        """The rows in the form of the theme's table component."""
        return {"headers": self.headers, "rows": self.rows}


def page_of(model: str, pk: int, text: object) -> SafeString:
    """Return a link to the page of a row; `model` is `app_model`."""
    url = reverse(f"admin:{model}_change", args=[pk])
    return format_html('<a class="text-link" href="{}">{}</a>', url, text)


def list_of(model: str, **filters: object) -> str:
    """Return the URL of a list with these filters."""
    return reverse(f"admin:{model}_changelist") + "?" + urlencode(filters)


def moment(time: datetime) -> SafeString:
    """Return a time to the minute that does not wrap."""
    text = date_format(localtime(time), "Y-m-d H:i")
    return format_html('<time class="moment">{}</time>', text)


def quoted(text: str) -> SafeString:
    """Return a model's text unchanged, preformatted."""
    return format_html('<pre class="answer" tabindex="0">{}</pre>', text)


def prose(text: str, length: int = 240) -> SafeString:
    """Return a cell of text, with merged parts joined, cut at `length` characters."""
    joined = text.replace(SEPARATOR, " · ")
    return format_html(
        '<span class="prose-cell">{}</span>', Truncator(joined).chars(length)
    )
