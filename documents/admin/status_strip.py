"""Documents by status, above their list: each count is a filter."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.admin.views.main import ChangeList
from django.utils.translation import gettext as _

from documents.models import Status
from documents.queries import progress


@dataclass(frozen=True, slots=True)
class Item:
    """One status (empty: all of them), how many have it, and where they are listed."""

    value: str
    label: str
    count: int
    url: str
    active: bool


def items(changelist: ChangeList) -> list[Item]:
    """All, and every status that some document of the chosen workspace has."""
    workspace = changelist.params.get("workspace__id__exact")
    counts = progress.counts_by_status(workspace[-1] if workspace else None)
    chosen = (changelist.params.get("status__exact") or [""])[-1]
    everything = _item(changelist, "", _("All"), sum(counts.values()), chosen)
    present = [status for status in Status if counts.get(status) or status == chosen]
    return [everything] + [
        _item(
            changelist, status.value, str(status.label), counts.get(status, 0), chosen
        )
        for status in present
    ]


def _item(
    changelist: ChangeList, value: str, label: str, count: int, chosen: str
) -> Item:
    if value:
        url = changelist.get_query_string({"status__exact": value}, ["p"])
    else:
        url = changelist.get_query_string(remove=["status__exact", "p"])
    return Item(value, label, count, url, active=chosen == value)
