"""What waits to be merged."""

from __future__ import annotations

import math

import pytest

from documents.pipeline import merge_batcher
from documents.pipeline.merge_batcher import MERGE_AT, Ready


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Ready:
    """Two documents; how long they have waited does not count."""
    monkeypatch.setattr(merge_batcher, "MERGE_AFTER_SECONDS", math.inf)
    waiting = Ready()
    waiting.add(1)
    waiting.add(2)
    return waiting


def test_documents_wait_for_others_that_are_coming(waiting: Ready) -> None:
    assert waiting.take(coming=3) == []


def test_they_do_not_wait_for_fewer_than_they_are(waiting: Ready) -> None:
    assert waiting.take(coming=2) == [1, 2]
    assert waiting.take(coming=0) == []


def test_enough_of_them_are_merged_whatever_is_coming(waiting: Ready) -> None:
    for document in range(3, MERGE_AT + 1):
        waiting.add(document)
    assert waiting.take(coming=1000) == [*range(1, MERGE_AT + 1)]


def test_who_has_waited_long_enough_waits_no_longer(
    waiting: Ready, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_batcher, "MERGE_AFTER_SECONDS", -1.0)
    assert waiting.take(coming=1000) == [1, 2]
