"""What keeps the server from starting: one line each, naming the setting and the mend."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured


class SettingError(ImproperlyConfigured):
    """A setting has a value that cannot be used."""

    def __init__(self, setting: str, problem: str, mend: str) -> None:
        super().__init__(f"{setting}: {problem}. {mend}.")
        self.setting = setting
