from datetime import datetime

from django import forms

class IsoDateTimeField(forms.DateTimeField):
    def to_python(self, value: object) -> datetime | None: ...
