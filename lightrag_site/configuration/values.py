"""Text found in the sources -> values of the kind a setting wants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lightrag_site.configuration.setting import Setting
from lightrag_site.configuration.sources import Found, Sources
from lightrag_site.configuration.value_types import Kind
from lightrag_site.errors import SettingError


def of(
    settings: Iterable[Setting], sources: Sources, *, prefix: str = ""
) -> dict[str, Any]:
    """By field, those that are set; `prefix` is a role's, as `QUERY_`."""
    found: dict[str, Any] = {}
    for setting in settings:
        hit = sources.find(*(prefix + name for name in setting.names))
        if hit:
            found[setting.field] = parsed(hit, setting.kind, secret=setting.secret)
    return found


def parsed(found: Found, kind: Kind, *, secret: bool = False) -> Any:
    """The value; raises SettingError, which shows no secret."""
    try:
        return kind.parse(found.text)
    except (ValueError, OverflowError) as error:
        shown = "its value" if secret else f"'{found.text}'"
        raise SettingError(
            found.name,
            f"{shown} ({found.origin}) is not {kind.expects}",
            f"Set it to {kind.expects}",
        ) from error


def text(sources: Sources, names: Sequence[str]) -> str:
    """The first of the names that is set, in their order; empty if none is."""
    hits = (sources.find(name) for name in names)
    return next((hit.text for hit in hits if hit), "")
