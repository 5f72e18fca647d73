"""Stubs for the parts of django-unfold that we use; its own annotations are incomplete."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.dataclasses import UnfoldAction

class ModelAdmin(admin.ModelAdmin[Any]):
    actions_detail: Sequence[str]
    change_form_outer_after_template: str | None
    change_form_outer_before_template: str | None
    compressed_fields: bool
    list_before_template: str | None
    list_disable_select_all: bool
    list_filter_submit: bool
    list_fullwidth: bool
    warn_unsaved_form: bool
    def get_actions_detail(
        self, request: HttpRequest, object_id: str
    ) -> list[UnfoldAction]: ...
    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None: ...
