from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.models import Document, DocumentContent, Workspace
from documents.parsing import text_cleaning

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_cleaned_text_is_utf_8_without_controls(text: str) -> None:
    cleaned = text_cleaning.clean(text)
    assert cleaned.encode().decode() == cleaned
    assert not set(cleaned) & {"\x00", "\r", "\x0c", "\x1b", "\ufeff"}
    assert text_cleaning.clean(cleaned) == cleaned


def test_surrogate_pairs_are_decoded_and_lone_surrogates_replaced() -> None:
    assert text_cleaning.clean("a\ud83d\ude00b\ud800c") == "a😀b\ufffdc"


def test_invisible_characters_are_removed() -> None:
    assert text_cleaning.clean("co\u00adop\u00aderate sin\u2061x") == "cooperate sin x"


def test_line_endings_are_normalized() -> None:
    assert text_cleaning.clean("a\r\nb\rc\fd") == "a\nb\nc\nd"


def test_a_summary_is_cut_at_250_characters() -> None:
    assert text_cleaning.summary("x" * 250) == "x" * 250
    assert text_cleaning.summary("x" * 251) == "x" * 250 + "..."


@pytest.mark.django_db
def test_postgresql_stores_cleaned_text(workspace: Workspace) -> None:
    text = text_cleaning.clean("nul\x00 lone\udcff \U0010ffff ok")
    document = Document.objects.create(
        workspace=workspace, public_id="doc-1", name="a.txt", track_id="t"
    )
    DocumentContent.objects.create(document=document, text=text)
    assert DocumentContent.objects.get().text == "nul lone\ufffd \U0010ffff ok"
