from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from unfold.dataclasses import ActionDialog

_F = TypeVar("_F", bound=Callable[..., Any])

def action(
    *,
    description: str,
    permissions: Sequence[str] = ...,
    icon: str = ...,
    dialog: ActionDialog = ...,
) -> Callable[[_F], _F]: ...
def display(
    *,
    description: str,
    ordering: str = ...,
    boolean: bool = ...,
    label: bool | Mapping[str, str] = ...,
) -> Callable[[_F], _F]: ...
