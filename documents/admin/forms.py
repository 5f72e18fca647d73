"""Forms of the admin: upload of files and texts, and workspaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from documents.models import Workspace
from documents.workspaces import lookup


class SeveralFilesInput(forms.ClearableFileInput):
    """A file input for several files."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """A field for a list of files. Empty files are valid here; the upload reports them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_empty_file=True, **options)

    def clean(
        self, data: Sequence[UploadedFile[Any]], initial: Any = None
    ) -> list[UploadedFile[Any]]:
        files: list[Any] = list(data) if data else [None]
        return [super(SeveralFilesField, self).clean(file, initial) for file in files]


class WorkspaceForm(forms.Form):
    """Base class of forms with a workspace."""

    workspace = forms.ModelChoiceField(
        Workspace.objects.order_by("name"),
        label=_("Workspace"),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )


class FilesForm(WorkspaceForm):
    """Several files at once."""

    files = SeveralFilesField(  # type: ignore[assignment]
        label=_("Files"), widget=SeveralFilesInput(attrs={"class": "drop-input"})
    )


class TextForm(WorkspaceForm):
    """A pasted text."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("The name shown in citations."),
        widget=UnfoldAdminTextInputWidget,
    )
    text = forms.CharField(
        label=_("Text"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 12})
    )


class NewWorkspaceForm(forms.ModelForm[Workspace]):
    """A workspace's name; its embedding model is the configured one."""

    class Meta:
        model = Workspace
        fields = ["name"]

    def clean_name(self) -> str:
        """Return the valid form of the name."""
        return lookup.clean_name(self.cleaned_data["name"])
