"""Words of the admin in the reader's language."""

from __future__ import annotations

from typing import cast

from django.utils.translation import gettext_lazy


def lazily(text: str) -> str:
    """`gettext_lazy`, typed as the theme's decorators want it."""
    return cast("str", gettext_lazy(text))
