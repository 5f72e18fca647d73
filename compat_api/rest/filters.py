"""By what the lists can be narrowed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django_filters import (
    CharFilter,
    IsoDateTimeFilter,
    MultipleChoiceFilter,
    NumberFilter,
    TypedChoiceFilter,
)
from django_filters.rest_framework import FilterSet
from drf_spectacular.drainage import set_override
from drf_spectacular.types import OpenApiTypes

from documents.models import Status
from graph.models import EntityMention, RelationMention

Rows = QuerySet[Any]


def yes_or_no() -> TypedChoiceFilter:
    """`true` or `false`; django-filter's own takes anything else for nothing said."""
    choices = [("true", "true"), ("false", "false")]
    said = TypedChoiceFilter(choices=choices, coerce=lambda value: value == "true")
    set_override(said, "field", OpenApiTypes.BOOL)
    return said


class WholeFilter(NumberFilter):
    """A whole number, and no other."""

    field_class = forms.IntegerField


class DocumentFilters(FilterSet):
    """`status` may be given several times."""

    status = MultipleChoiceFilter(choices=Status.choices)
    name = CharFilter()
    name_contains = CharFilter("name", "icontains")
    tag = CharFilter(method="tagged", label="A tag it has")
    track_id = CharFilter()
    created_after = IsoDateTimeFilter("created_at", "gte")
    created_before = IsoDateTimeFilter("created_at", "lt")
    updated_after = IsoDateTimeFilter("updated_at", "gte")
    updated_before = IsoDateTimeFilter("updated_at", "lt")

    def tagged(self, rows: Rows, name: str, value: str) -> Rows:
        """Documents that have this tag."""
        return rows.filter(tags__contains=[value])


class ChunkFilters(FilterSet):
    """By the document, and by a page of it."""

    document = CharFilter("document__public_id", label="The document's id")
    page = WholeFilter(method="on_page", label="A page of the document")

    def on_page(self, rows: Rows, name: str, value: Any) -> Rows:
        """Chunks that have anything of that page."""
        return rows.filter(page_first__lte=value, page_last__gte=value)


class EntityFilters(FilterSet):
    """By what they are called and who speaks of them."""

    name = CharFilter()
    name_contains = CharFilter("name", "icontains")
    entity_type = CharFilter()
    manual = yes_or_no()
    degree_min = WholeFilter("degree", "gte")
    degree_max = WholeFilter("degree", "lte")
    document = CharFilter(method="said_in", label="The id of a document with a mention")

    def said_in(self, rows: Rows, name: str, value: str) -> Rows:
        """Entities that this document speaks of."""
        said = EntityMention.objects.filter(
            entity=OuterRef("pk"), chunk__document__public_id=value
        )
        return rows.filter(Exists(said))


class RelationFilters(FilterSet):
    """By their ends, their weight, and who speaks of them."""

    entity = WholeFilter(method="of_entity", label="The id of one of its ends")
    keywords_contain = CharFilter("keywords", "icontains")
    manual = yes_or_no()
    weight_min = NumberFilter("weight", "gte")
    document = CharFilter(method="said_in", label="The id of a document with a mention")

    def of_entity(self, rows: Rows, name: str, value: Any) -> Rows:
        """Relations from or to this entity."""
        return rows.filter(Q(source=value) | Q(target=value))

    def said_in(self, rows: Rows, name: str, value: str) -> Rows:
        """Relations that this document speaks of."""
        said = RelationMention.objects.filter(
            relation=OuterRef("pk"), chunk__document__public_id=value
        )
        return rows.filter(Exists(said))


class MentionFilters(FilterSet):
    """By the document that says it."""

    document = CharFilter("chunk__document__public_id", label="The document's id")
