"""Number of documents by status above the list; each number is a filter link."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.admin.views.main import ChangeList
from django.utils.translation import gettext as _

from documents.models import Status
from documents.queries import progress


@dataclass(frozen=True, slots=True)
class Item:
    """A status (empty for all), the number of its documents, and the URL of their list."""

    value: str
    label: str
    count: int
    url: str
    active: bool


def items(changelist: ChangeList) -> list[Item]:
    """Return an item for all documents, and for each status in the selected workspace."""
    workspace = changelist.params.get("workspace__id__exact")
    counts = progress.counts_by_status(workspace[-1] if workspace else None)
    selected = (changelist.params.get("status__exact") or [""])[-1]
    everything = _item(changelist, "", _("All"), sum(counts.values()), selected)
    present = [status for status in Status if counts.get(status) or status == selected]
    return [everything] + [
        _item(
            changelist, status.value, str(status.label), counts.get(status, 0), selected
        )
        for status in present
    ]


def _item(
    changelist: ChangeList, value: str, label: str, count: int, selected: str
) -> Item:
    if value:
        url = changelist.get_query_string({"status__exact": value}, ["p"])
    else:
        url = changelist.get_query_string(remove=["status__exact", "p"])
    return Item(value, label, count, url, active=selected == value)
