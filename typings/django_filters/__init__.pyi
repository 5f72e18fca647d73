from typing import Any

class Filter:
    def __init__(
        self,
        field_name: str | None = ...,
        lookup_expr: str | None = ...,
        *,
        label: str | None = ...,
        method: str | None = ...,
        distinct: bool = ...,
        exclude: bool = ...,
        **kwargs: Any,
    ) -> None: ...

class CharFilter(Filter): ...
class NumberFilter(Filter): ...
class TypedChoiceFilter(Filter): ...
class IsoDateTimeFilter(Filter): ...
class MultipleChoiceFilter(Filter): ...
