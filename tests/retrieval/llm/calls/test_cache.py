"""Tests of the cache of completions."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from documents.models import Workspace
from retrieval.llm.base import (
    ChatRequest,
    Completion,
    JsonSchema,
    Message,
    MessageImage,
)
from retrieval.llm.calls import cache
from retrieval.llm.usage.models import LLMCache


def request(text: str = "?", **options: object) -> ChatRequest:
    return ChatRequest((Message("user", text),), options=options)


def entry(
    key: str, text: str = "answer", *, truncated: bool = False
) -> cache.CacheEntry:
    completion = Completion(text, 3, 2, truncated=truncated)
    return cache.CacheEntry(key, LLMCache.Purpose.EXTRACT, "fake:chat", completion)


def test_a_key_depends_on_everything_that_determines_an_answer() -> None:
    with_schema = ChatRequest((Message("user", "?"),), JsonSchema("a", {"b": 1}))
    keys = {
        cache.key("m", request()),
        cache.key("n", request()),
        cache.key("m", request("!")),
        cache.key("m", request(temperature=0)),
        cache.key("m", with_schema),
        cache.key("m", ChatRequest((Message("system", "?"),))),
    }
    assert len(keys) == 6
    assert all(len(key) == 64 for key in keys)


def test_a_key_depends_on_the_images() -> None:
    def key(*images: MessageImage) -> str:
        return cache.key("m", ChatRequest((Message("user", "?", images=images),)))

    png, other = MessageImage(b"1", "image/png"), MessageImage(b"2", "image/png")
    assert len({key(), key(png), key(other), key(png, other)}) == 4
    assert key(png) == key(MessageImage(b"1", "image/png"))


def test_the_order_of_options_does_not_change_a_key() -> None:
    assert cache.key("m", request(a=1, b=2)) == cache.key("m", request(b=2, a=1))


def test_a_stored_completion_is_found(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        cache.store(workspace.pk, [entry("a"), entry("b", "other")])
    with django_assert_num_queries(1):
        stored = cache.lookup(workspace.pk, ["a", "b", "c"])
    assert stored == {"a": Completion("answer", 3, 2), "b": Completion("other", 3, 2)}


def test_an_existing_entry_is_not_replaced(workspace: Workspace) -> None:
    cache.store(workspace.pk, [entry("a", "first")])
    cache.store(workspace.pk, [entry("a", "second")])
    assert cache.lookup(workspace.pk, ["a"])["a"].text == "first"


@pytest.mark.parametrize("useless", [entry("a", truncated=True), entry("a", "")])
def test_a_truncated_answer_is_not_stored(
    workspace: Workspace, useless: cache.CacheEntry
) -> None:
    cache.store(workspace.pk, [useless])
    assert cache.lookup(workspace.pk, ["a"]) == {}


def test_characters_that_the_database_rejects_are_removed(workspace: Workspace) -> None:
    cache.store(workspace.pk, [entry("a", "x\x00\ud800y")])
    assert cache.lookup(workspace.pk, ["a"])["a"].text == "xy"


def test_a_workspace_does_not_see_the_entries_of_others(workspace: Workspace) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="m", embedding_dimensions=8
    )
    cache.store(workspace.pk, [entry("a")])
    assert cache.lookup(other.pk, ["a"]) == {}
