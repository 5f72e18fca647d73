"""Filters of the lists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django_filters import (
    CharFilter,
    IsoDateTimeFilter,
    MultipleChoiceFilter,
    NumberFilter,
    TypedChoiceFilter,
)
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import FilterSet
from drf_spectacular.drainage import set_override
from drf_spectacular.types import OpenApiTypes

from documents.models import Status
from graph.models import EntityMention, RelationMention

Rows = QuerySet[Any]


def boolean_filter() -> TypedChoiceFilter:
    """Return a filter for `true` and `false`; django-filter's own ignores other values."""
    choices = [("true", "true"), ("false", "false")]
    boolean = TypedChoiceFilter(choices=choices, coerce=lambda value: value == "true")
    set_override(boolean, "field", OpenApiTypes.BOOL)
    return boolean


class IntegerFilter(NumberFilter):
    """Filter by an integer."""

    field_class = forms.IntegerField


class TimeField(IsoDateTimeField):
    """A time, converted to UTC: PostgreSQL refuses offsets of 16 hours and more."""

    def to_python(self, value: object) -> datetime | None:
        """Raise ValidationError for an invalid time, and if it is out of range in UTC."""
        time: datetime | None = super().to_python(value)
        try:
            return time.astimezone(UTC) if time else None
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"]) from error


class TimeFilter(IsoDateTimeFilter):
    """Filter by a time."""

    field_class = TimeField


class DocumentFilters(FilterSet):
    """Filters of documents; `status` may be repeated."""

    status = MultipleChoiceFilter(choices=Status.choices)
    name = CharFilter()
    name_contains = CharFilter("name", "icontains")
    tag = CharFilter(method="tagged", label="A tag of the document")
    track_id = CharFilter()
    created_after = TimeFilter("created_at", "gte")
    created_before = TimeFilter("created_at", "lt")
    updated_after = TimeFilter("updated_at", "gte")
    updated_before = TimeFilter("updated_at", "lt")

    def tagged(self, rows: Rows, name: str, value: str) -> Rows:
        """Return documents with this tag."""
        return rows.filter(tags__contains=[value])


class ChunkFilters(FilterSet):
    """Filters of chunks: by document and page."""

    document = CharFilter("document__public_id", label="The document's id")
    page = IntegerFilter(method="on_page", label="A page of the document")

    def on_page(self, rows: Rows, name: str, value: Any) -> Rows:
        """Return chunks with text of this page."""
        return rows.filter(page_first__lte=value, page_last__gte=value)


class EntityFilters(FilterSet):
    """Filters of entities: by name, type, degree and document."""

    name = CharFilter()
    name_contains = CharFilter("name", "icontains")
    entity_type = CharFilter()
    manual = boolean_filter()
    degree_min = IntegerFilter("degree", "gte")
    degree_max = IntegerFilter("degree", "lte")
    document = CharFilter(
        method="mentioned_in", label="The id of a document with a mention"
    )

    def mentioned_in(self, rows: Rows, name: str, value: str) -> Rows:
        """Return entities that this document mentions."""
        mentions = EntityMention.objects.filter(
            entity=OuterRef("pk"), chunk__document__public_id=value
        )
        return rows.filter(Exists(mentions))


class RelationFilters(FilterSet):
    """Filters of relations: by entity, weight and document."""

    entity = IntegerFilter(method="of_entity", label="The id of one of its entities")
    keywords_contain = CharFilter("keywords", "icontains")
    manual = boolean_filter()
    weight_min = NumberFilter("weight", "gte")
    document = CharFilter(
        method="mentioned_in", label="The id of a document with a mention"
    )

    def of_entity(self, rows: Rows, name: str, value: Any) -> Rows:
        """Return relations of this entity."""
        return rows.filter(Q(source=value) | Q(target=value))

    def mentioned_in(self, rows: Rows, name: str, value: str) -> Rows:
        """Return relations that this document mentions."""
        mentions = RelationMention.objects.filter(
            relation=OuterRef("pk"), chunk__document__public_id=value
        )
        return rows.filter(Exists(mentions))


class MentionFilters(FilterSet):
    """Filter of mentions: by document."""

    document = CharFilter("chunk__document__public_id", label="The document's id")
