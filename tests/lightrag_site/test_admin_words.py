"""The admin in Chinese: every heading, label, filter and action is translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.utils.translation import override

CHINESE = re.compile(r"[一-鿿]")
LANGUAGES = ("zh-hant", "zh-hans")


def texts(model: Any, model_admin: Any) -> Iterator[str]:
    """Yield the texts of the list and the form of a model in the current language."""
    request: Any = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    yield str(model._meta.verbose_name)
    yield str(model._meta.verbose_name_plural)
    yield str(apps.get_app_config(model._meta.app_label).verbose_name)
    yield str(model_admin.search_help_text or "無")
    fields = flatten_fieldsets(model_admin.get_fieldsets(request))
    for name in {*model_admin.get_list_display(request), *fields}:
        declared = model_admin.form.base_fields.get(name)
        label = declared and declared.label
        yield str(label or label_for_field(name, model, model_admin))
    for _, _, description in model_admin._get_base_actions():
        yield str(
            description % {"verbose_name_plural": model._meta.verbose_name_plural}
        )
    for list_filter in model_admin.get_list_filter(request):
        if not isinstance(list_filter, str):
            yield str(list_filter.title)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_of_our_models_are_chinese(language: str) -> None:
    ours = {"documents", "graph", "retrieval", "compat_api"}
    with override(language):
        untranslated = {
            f"{model._meta.label}: {text}"
            for model, model_admin in admin.site._registry.items()
            if model._meta.app_label in ours
            for text in texts(model, model_admin)
            if not CHINESE.search(text) and text != "Token"
        }
    assert untranslated == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_choices_are_chinese(language: str) -> None:
    with override(language):
        untranslated = {
            f"{field}: {label}"
            for model in admin.site._registry
            if model._meta.app_label not in {"auth", "contenttypes"}
            for field in model._meta.get_fields()
            for _, label in getattr(field, "choices", None) or ()
            if not CHINESE.search(str(label))
        }
    assert untranslated == set()
