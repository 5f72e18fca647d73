"""Pages by key: each begins behind the last row of the one before, found by an index.

REST framework's own cursor counts rows with equal keys, and gives the same page for
ever once there are over a thousand (all documents that were retried at once, all
entities of one relation); this one compares `(key, id)` with the index's own order.
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
MOST = 500


@dataclass(frozen=True, slots=True)
class Order:
    """A column and its direction; `name` is what the request calls it."""

    name: str
    column: str

    @property
    def descending(self) -> bool:
        return self.name.startswith("-")

    def seek(self, rows: QuerySet[Any], cursor: Cursor) -> QuerySet[Any]:
        """`rows` in this order from `cursor` on, or before it and the other way."""
        downwards = self.descending != cursor.backwards
        sign = "-" if downwards else ""
        ordered = rows.order_by(f"{sign}{self.column}", f"{sign}pk")
        if cursor.key is None:
            return ordered
        after = TupleLessThan if downwards else TupleGreaterThan
        return ordered.filter(after(Tuple(self.column, "pk"), cursor.key))


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which row a page begins, or ends if it is read backwards."""

    key: tuple[Any, int] | None = None
    backwards: bool = False

    def encode(self, order: Order) -> str:
        """Opaque to the caller; it holds for this order only."""
        assert self.key
        value = self.key[0]
        plain = value.isoformat() if isinstance(value, datetime) else value
        parts = [order.name, self.backwards, plain, self.key[1]]
        return urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, order: Order, model: type[Model]) -> Cursor:
        """Raises ValueError for what `encode` did not make for this order."""
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
    """As the column has it. Raises BadValue."""
    field = model._meta.get_field(column)
    python = field.to_python(value)  # type: ignore[union-attr]
    if python is None or "\0" in str(python):
        raise BadValue("No value")
    return field.run_validators(python) or python  # type: ignore[union-attr]


class KeyPages(BasePagination):
    """`?ordering=`, `?limit=`, `?cursor=`; a view names its columns in `orderings`."""

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        """One query: a row more than asked for tells whether there is another page."""
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
        """The rows, and where those after and before them are."""
        return Response(
            {"next": self.after(), "previous": self.before(), "results": data}
        )

    def after(self) -> str | None:
        """The address of the next page, None on the last."""
        is_last = not (self.more or self.cursor.backwards)
        return None if is_last else self.link(-1, backwards=False)

    def before(self) -> str | None:
        """The address of the page before, None on the first."""
        goes_on = self.more if self.cursor.backwards else self.cursor.key is not None
        return self.link(0, backwards=True) if goes_on else None

    def link(self, place: int, *, backwards: bool) -> str | None:
        """To the page that ends or begins beside the row at `place`."""
        if not self.rows:
            return None
        row = self.rows[place]
        cursor = Cursor((getattr(row, self.order.column), row.pk), backwards)
        return str(replace_query_param(self.url, "cursor", cursor.encode(self.order)))

    def get_paginated_response_schema(
        self, schema: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The shape of `get_paginated_response`."""
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
        """What may be asked of a list."""
        names = orderings_of(view)
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE_SIZE}
        return [
            parameter(
                "cursor", "Where the page begins: see `next`.", {"type": "string"}
            ),
            parameter("limit", "Rows a page.", limit),
            parameter(
                "ordering",
                "What the rows are ordered by; `-`: the largest first.",
                {"type": "string", "enum": list(names), "default": next(iter(names))},
            ),
        ]


def parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """An optional one of the query."""
    return {
        "name": name,
        "required": False,
        "in": "query",
        "description": description,
        "schema": schema,
    }


def orderings_of(view: APIView | None) -> dict[str, Order]:
    """By name, in both directions; the view's first is the default."""
    columns: Mapping[str, str] = getattr(view, "orderings", {"id": "id"})
    first = next(iter(columns))
    pairs = {name: Order(name, column) for name, column in columns.items()}
    for name, order in list(pairs.items()):
        turned = name[1:] if order.descending else f"-{name}"
        pairs[turned] = Order(turned, order.column)
    return {first: pairs.pop(first), **pairs}


def order_of(request: Request, orderings: Mapping[str, Order]) -> Order:
    """Raises ValidationError."""
    asked = request.query_params.get("ordering") or next(iter(orderings))
    if asked not in orderings:
        known = ", ".join(orderings)
        raise ValidationError({"ordering": [f"Not one of {known}."]})
    return orderings[asked]


def cursor_of(request: Request, order: Order, model: type[Model]) -> Cursor:
    """Raises NotFound, as REST framework's own cursors do."""
    text = request.query_params.get("cursor")
    if not text:
        return Cursor()
    try:
        return Cursor.decode(text, order, model)
    except ValueError:
        raise NotFound("There is no such cursor in this list and order.") from None


def limit_of(request: Request) -> int:
    """Raises ValidationError."""
    text = request.query_params.get("limit") or str(PAGE_SIZE)
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if not 1 <= number <= MOST:
        raise ValidationError({"limit": [f"A number from 1 to {MOST}."]})
    return number
