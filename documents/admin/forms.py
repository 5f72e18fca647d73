"""What staff may fill in: files, a text, a new workspace."""

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
    """A file input, and a place to drop files on, for as many as one likes."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Cleans to a list of files; empty ones pass, for they get an answer each."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_empty_file=True, **options)

    def clean(
        self, data: Sequence[UploadedFile[Any]], initial: Any = None
    ) -> list[UploadedFile[Any]]:
        files: list[Any] = list(data) if data else [None]
        return [super(SeveralFilesField, self).clean(file, initial) for file in files]


class WorkspaceForm(forms.Form):
    """Something that is put into a workspace."""

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
    """A text that is pasted in."""

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
        """The name as `workspaces.ensure` will write it."""
        return lookup.clean_name(self.cleaned_data["name"])
