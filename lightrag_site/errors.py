"""What keeps the server from starting: one line each, naming the setting and the mend."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured


class SettingError(ImproperlyConfigured):
    """A setting has a value that cannot be used: `SETTING: what is wrong. The mend.`"""

    def __init__(self, setting: str, problem: str, mend: str) -> None:
        super().__init__(f"{setting}: {problem}. {mend}.")


class PreparationFailed(Exception):
    """The tables could not be prepared; why was told by the process that tried."""

    def __init__(self, code: int) -> None:
        super().__init__(self.__doc__)
        self.code = code
