"""Pairs of entities that may be one thing, as the page of duplicates shows them."""

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

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Pair:
    """`kept` stays, the better connected one; `other` would become its alias."""

    kept: Entity
    other: Entity
    percent: int = 0
    reason: str = ""

    @property
    def value(self) -> str:
        """What a form sends for it."""
        return f"{self.other.pk}:{self.kept.pk}"

    @property
    def sides(self) -> list[tuple[Entity, SafeString]]:
        """Both, with what is known of them."""
        return [(e, prose(e.description, 160)) for e in (self.kept, self.other)]


@dataclass(frozen=True, slots=True)
class Found:
    """The surest suggestions, and how many there are in all."""

    pairs: Sequence[Pair]
    total: int


def suggested(workspace_id: int) -> Found:
    """Five statements."""
    suggestions = duplicates.suggest(workspace_id)
    shown = suggestions[:SHOWN]
    names = {name for one in shown for name in (one.name, one.target)}
    known = Entity.objects.filter(workspace=workspace_id, name__in=names)
    entities = {entity.name: entity for entity in known}
    pairs = [
        Pair(
            entities[one.target],
            entities[one.name],
            round(100 * one.confidence),
            in_words(one.reason),
        )
        for one in shown
        if one.target in entities and one.name in entities
    ]
    return Found(pairs, len(suggestions))


def in_words(reason: str) -> str:
    """A reason of `graph.curation.duplicates` in the reader's language, part by part."""
    return _(", ").join(_(part) for part in reason.split(", "))


def chosen(workspace_id: int, values: Iterable[str]) -> list[Pair]:
    """The pairs a form has sent, as far as both are still there; one statement."""
    keys = [_keys(value) for value in values]
    wanted = Q(pk__in=[key for pair in keys for key in pair])
    entities = Entity.objects.filter(wanted, workspace=workspace_id).in_bulk()
    return [
        Pair(entities[kept], entities[other])
        for other, kept in keys
        if other in entities and kept in entities
    ]


def by_target(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """Names to be given up, by the name that stays; chains end at their last.

    Who chose "a is b" and "b is c" means that all are c.
    """
    becomes = {pair.other.name: pair.kept.name for pair in pairs}
    found: dict[str, list[str]] = defaultdict(list)
    for name in becomes:
        found[_end(name, becomes)].append(name)
    return found


def _end(name: str, becomes: dict[str, str]) -> str:
    passed = {name}
    while becomes.get(name, name) not in passed:
        name = becomes[name]
        passed.add(name)
    return name


def _keys(value: str) -> tuple[int, int]:
    other, _, kept = value.partition(":")
    numbers = (other, kept)
    if not all(number.isdecimal() for number in numbers):
        return 0, 0
    return int(other), int(kept)
