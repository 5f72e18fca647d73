"""A setting that is one field of the configuration: name, flag, kind, meaning.

They stand in tables by theme (`server_table`, `access_table`, …), read by `environment`
(values), `flags` (the command line) and the documentation. Names and flags are LightRAG's;
a default is the field's own in `config`. The models' settings, which depend on one
another, stand in `model_table`.
"""

from __future__ import annotations

from dataclasses import dataclass

from lightrag_site.configuration.value_types import Kind


@dataclass(frozen=True, slots=True)
class Setting:
    """`name` wins over its `aliases` where one place sets both."""

    name: str
    field: str
    kind: Kind
    help: str
    flag: str = ""
    aliases: tuple[str, ...] = ()
    secret: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Under which it may stand, the strongest first."""
        return (self.name, *self.aliases)
