"""Keyset pagination: a page starts after the last row of the previous page, by an index.

REST framework's cursor counts rows with equal keys, and repeats the same page for ever if
more than a thousand rows have the same key (for example documents that were retried
together). This one compares `(key, id)`, in the order of the index.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError as BadValue
from django.db.models import Model, QuerySet
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleLessThan,
)
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

PAGE_SIZE = 50
MAX_PAGE_SIZE = 500


@dataclass(frozen=True, slots=True)
class Order:
    """A column and its direction; `name` is the value of the parameter `ordering`."""

    name: str
    column: str

    @property
    def descending(self) -> bool:
        return self.name.startswith("-")

    def seek(self, rows: QuerySet[Any], cursor: Cursor) -> QuerySet[Any]:
        """Return the rows after the cursor in this order, or before it in reverse order."""
        descending = self.descending != cursor.backwards
        sign = "-" if descending else ""
        ordered = rows.order_by(f"{sign}{self.column}", f"{sign}pk")
        if cursor.key is None:
            return ordered
        after = TupleLessThan if descending else TupleGreaterThan
        return ordered.filter(after(Tuple(self.column, "pk"), cursor.key))


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row after which a page starts, or before which it ends if `backwards`."""

    key: tuple[Any, int] | None = None
    backwards: bool = False

    def encode(self, order: Order) -> str:
        """Return an opaque string that is valid for this order only."""
        assert self.key
        value = self.key[0]
        plain = value.isoformat() if isinstance(value, datetime) else value
        parts = [order.name, self.backwards, plain, self.key[1]]
        return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, order: Order, model: type[Model]) -> Cursor:
        """Return the cursor; raise ValueError unless `encode` created it for this order."""
        try:
            padded = text + "=" * (-len(text) % 4)
            name, backwards, value, pk = json.loads(urlsafe_b64decode(padded))
            key = (_value(model, order.column, value), _value(model, "id", pk))
        except (TypeError, BadValue) as error:
            raise ValueError from error
        if name != order.name or not isinstance(backwards, bool):
            raise ValueError
        return cls(key, backwards)


def _value(model: type[Model], column: str, value: Any) -> Any:
    """Return the value with the type of the column; raise BadValue."""
    field = model._meta.get_field(column)
    python = field.to_python(value)  # type: ignore[union-attr]
    if python is None or "\0" in str(python):
        raise BadValue("No value")
    return field.run_validators(python) or python  # type: ignore[union-attr]


class KeysetPagination(BasePagination):
    """`?ordering=`, `?limit=`, `?cursor=`; a view names its columns in `orderings`."""

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        """Return a page. One query: an extra row shows whether there is a next page."""
        self.url = request.build_absolute_uri()
        self.order = order_of(request, orderings_of(view))
        self.cursor = cursor_of(request, self.order, queryset.model)
        limit = limit_of(request)
        rows = list(self.order.seek(queryset, self.cursor)[: limit + 1])
        self.more = len(rows) > limit
        self.rows = rows[:limit]
        if self.cursor.backwards:
            self.rows.reverse()
        return self.rows

    def get_paginated_response(self, data: Any) -> Response:
        """Return the rows and the URLs of the next and previous page."""
        return Response(
            {"next": self.next_url(), "previous": self.previous_url(), "results": data}
        )

    def next_url(self) -> str | None:
        """Return the URL of the next page, None on the last page."""
        is_last = not (self.more or self.cursor.backwards)
        return None if is_last else self.url_from(-1, backwards=False)

    def previous_url(self) -> str | None:
        """Return the URL of the previous page, None on the first page."""
        has_previous = (
            self.more if self.cursor.backwards else self.cursor.key is not None
        )
        return self.url_from(0, backwards=True) if has_previous else None

    def url_from(self, index: int, *, backwards: bool) -> str | None:
        """Return the URL of the page after, or before, the row at `index`."""
        if not self.rows:
            return None
        row = self.rows[index]
        cursor = Cursor((getattr(row, self.order.column), row.pk), backwards)
        return str(replace_query_param(self.url, "cursor", cursor.encode(self.order)))

    def get_paginated_response_schema(
        self, schema: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the schema of `get_paginated_response`."""
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": link,
                "previous": link,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Return the query parameters of a list."""
        names = orderings_of(view)
        limit = {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_PAGE_SIZE,
            "default": PAGE_SIZE,
        }
        return [
            parameter("cursor", "Start of the page: see `next`.", {"type": "string"}),
            parameter("limit", "Rows per page.", limit),
            parameter(
                "ordering",
                "Order of the rows; `-` means descending.",
                {"type": "string", "enum": list(names), "default": next(iter(names))},
            ),
        ]


def parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an optional query parameter."""
    return {
        "name": name,
        "required": False,
        "in": "query",
        "description": description,
        "schema": schema,
    }


def orderings_of(view: APIView | None) -> dict[str, Order]:
    """Return the orders by name, in both directions; the first of the view is the default."""
    columns: Mapping[str, str] = getattr(view, "orderings", {"id": "id"})
    first = next(iter(columns))
    pairs = {name: Order(name, column) for name, column in columns.items()}
    for name, order in list(pairs.items()):
        reverse = name[1:] if order.descending else f"-{name}"
        pairs[reverse] = Order(reverse, order.column)
    return {first: pairs.pop(first), **pairs}


def order_of(request: Request, orderings: Mapping[str, Order]) -> Order:
    """Return the order of the request; raise ValidationError."""
    name = request.query_params.get("ordering") or next(iter(orderings))
    if name not in orderings:
        raise ValidationError({"ordering": [f"Must be one of {', '.join(orderings)}."]})
    return orderings[name]


def cursor_of(request: Request, order: Order, model: type[Model]) -> Cursor:
    """Return the cursor of the request; raise NotFound, as REST framework does."""
    text = request.query_params.get("cursor")
    if not text:
        return Cursor()
    try:
        return Cursor.decode(text, order, model)
    except ValueError:
        raise NotFound("Invalid cursor for this list and order.") from None


def limit_of(request: Request) -> int:
    """Return the page size of the request; raise ValidationError."""
    text = request.query_params.get("limit") or str(PAGE_SIZE)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if not 1 <= number <= MAX_PAGE_SIZE:
        raise ValidationError(
            {"limit": [f"Must be a number from 1 to {MAX_PAGE_SIZE}."]}
        )
    return number
