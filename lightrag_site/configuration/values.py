"""Parse the texts of settings into values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lightrag_site.configuration.setting import Setting
from lightrag_site.configuration.sources import RawValue, Sources
from lightrag_site.configuration.value_types import ValueType
from lightrag_site.errors import SettingError


def read(
    settings: Iterable[Setting], sources: Sources, *, prefix: str = ""
) -> dict[str, Any]:
    """Return the values that are set, by field; `prefix` is a role's, such as `QUERY_`."""
    fields: dict[str, Any] = {}
    for setting in settings:
        raw = sources.find(*(prefix + name for name in setting.names))
        if raw:
            fields[setting.field] = parse(
                raw, setting.value_type, secret=setting.secret
            )
    return fields


def parse(raw: RawValue, value_type: ValueType, *, secret: bool = False) -> Any:
    """Return the value; raise SettingError, without the text of a secret."""
    try:
        return value_type.parse(raw.text)
    except (ValueError, OverflowError) as error:
        shown = "its value" if secret else f"'{raw.text}'"
        raise SettingError(
            raw.name,
            f"{shown} ({raw.origin}) is not {value_type.description}",
            f"Set it to {value_type.description}",
        ) from error


def first_text(sources: Sources, names: Sequence[str]) -> str:
    """Return the text of the first name that is set, or an empty string."""
    raw_values = (sources.find(name) for name in names)
    return next((raw.text for raw in raw_values if raw), "")
