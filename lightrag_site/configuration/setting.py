"""The description of one setting: name, flag, type, help text.

Tables by topic (`server_settings`, `access_settings`, …) contain all settings. They are
used by `environment` (values), `flags` (command line) and `configuration_page` (docs).
Names and flags are LightRAG's; defaults are in `config_classes`.
"""

from __future__ import annotations

from dataclasses import dataclass

from lightrag_site.configuration.value_types import ValueType


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting; `name` takes precedence over `aliases` within one source."""

    name: str
    field: str
    value_type: ValueType
    help: str
    flag: str = ""
    aliases: tuple[str, ...] = ()
    secret: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Return all names, in the order of precedence."""
        return (self.name, *self.aliases)
