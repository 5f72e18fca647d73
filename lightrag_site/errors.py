"""Errors that prevent the server from starting, each reported in one line."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured


class SettingError(ImproperlyConfigured):
    """A setting has an invalid value.

    The message is `SETTING: problem. Remedy.`
    """

    def __init__(self, setting: str, problem: str, remedy: str) -> None:
        super().__init__(f"{setting}: {problem}. {remedy}.")


class PreparationFailed(Exception):
    """The preparation process failed; it has already printed the reason."""

    def __init__(self, code: int) -> None:
        super().__init__(self.__doc__)
        self.code = code
