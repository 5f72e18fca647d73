"""Pairs of probable duplicates for the admin page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from documents.admin_kit.panels import prose
from graph.curation import duplicates
from graph.models import Entity

MAX_PAIRS = 100
"""Upper bound on the pairs that the page shows."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entities; `kept` has the higher degree, `other` would become its alias."""

    kept: Entity
    other: Entity
    percent: int = 0
    reason: str = ""

    @property
    def value(self) -> str:
        """Return the value in the form."""
        return f"{self.other.pk}:{self.kept.pk}"

    @property
    def sides(self) -> list[tuple[Entity, SafeString]]:
        """Return both entities with the beginning of their descriptions."""
        return [(e, prose(e.description, 160)) for e in (self.kept, self.other)]


@dataclass(frozen=True, slots=True)
class PairList:
    """The most likely pairs and the number of all."""

    pairs: Sequence[Pair]
    total: int


def suggested(workspace_id: int) -> PairList:
    """Return the suggestions of a workspace. Five statements."""
    suggestions = duplicates.suggest(workspace_id)
    shown = suggestions[:MAX_PAIRS]
    names = {name for s in shown for name in (s.name, s.target)}
    rows = Entity.objects.filter(workspace=workspace_id, name__in=names)
    entities = {entity.name: entity for entity in rows}
    pairs = [
        Pair(
            entities[s.target],
            entities[s.name],
            round(100 * s.confidence),
            translated_reason(s.reason),
        )
        for s in shown
        if s.target in entities and s.name in entities
    ]
    return PairList(pairs, len(suggestions))


def translated_reason(reason: str) -> str:
    """Translate a reason of `graph.curation.duplicates`, part by part."""
    return _(", ").join(_(part) for part in reason.split(", "))


def selected(workspace_id: int, values: Iterable[str]) -> list[Pair]:
    """Return the pairs of a form whose entities still exist. One statement."""
    keys = [_keys(value) for value in values]
    in_pairs = Q(pk__in=[key for pair in keys for key in pair])
    entities = Entity.objects.filter(in_pairs, workspace=workspace_id).in_bulk()
    return [
        Pair(entities[kept], entities[other])
        for other, kept in keys
        if other in entities and kept in entities
    ]


def by_target(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """Return the names to merge by the name that is kept.

    Chains are resolved: "a into b" and "b into c" merge both into c.
    """
    becomes = {pair.other.name: pair.kept.name for pair in pairs}
    names: dict[str, list[str]] = defaultdict(list)
    for name in becomes:
        names[_end(name, becomes)].append(name)
    return names


def _end(name: str, becomes: dict[str, str]) -> str:
    visited = {name}
    while becomes.get(name, name) not in visited:
        name = becomes[name]
        visited.add(name)
    return name


def _keys(value: str) -> tuple[int, int]:
    other, _, kept = value.partition(":")
    numbers = (other, kept)
    if not all(number.isdecimal() and len(number) < 19 for number in numbers):
        return 0, 0
    return int(other), int(kept)
