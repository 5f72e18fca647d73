"""Lazy translation for the arguments of the theme's decorators."""

from __future__ import annotations

from typing import cast

from django.utils.translation import gettext_lazy


def lazily(text: str) -> str:
    """Return `gettext_lazy(text)`, typed as the theme's decorators expect."""
    return cast("str", gettext_lazy(text))
