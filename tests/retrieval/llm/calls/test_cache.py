"""What was bought once is kept."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from documents.models import Workspace
from retrieval.llm.base import ChatRequest, Completion, JsonSchema, Message
from retrieval.llm.calls import cache
from retrieval.llm.usage.models import LLMCache


def request(text: str = "?", **options: object) -> ChatRequest:
    return ChatRequest((Message("user", text),), options=options)


def entry(
    key: str, text: str = "answer", *, truncated: bool = False
) -> cache.CacheEntry:
    completion = Completion(text, 3, 2, truncated=truncated)
    return cache.CacheEntry(key, LLMCache.Purpose.EXTRACT, "fake:chat", completion)


def test_a_key_depends_on_all_that_decides_an_answer() -> None:
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


def test_the_order_of_options_does_not_change_a_key() -> None:
    assert cache.key("m", request(a=1, b=2)) == cache.key("m", request(b=2, a=1))


def test_what_was_stored_is_found(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        cache.store(workspace.pk, [entry("a"), entry("b", "other")])
    with django_assert_num_queries(1):
        found = cache.lookup(workspace.pk, ["a", "b", "c"])
    assert found == {"a": Completion("answer", 3, 2), "b": Completion("other", 3, 2)}


def test_the_first_answer_stays(workspace: Workspace) -> None:
    cache.store(workspace.pk, [entry("a", "first")])
    cache.store(workspace.pk, [entry("a", "second")])
    assert cache.lookup(workspace.pk, ["a"])["a"].text == "first"


@pytest.mark.parametrize("useless", [entry("a", truncated=True), entry("a", "")])
def test_half_an_answer_is_not_kept(
    workspace: Workspace, useless: cache.CacheEntry
) -> None:
    cache.store(workspace.pk, [useless])
    assert cache.lookup(workspace.pk, ["a"]) == {}


def test_what_the_database_cannot_hold_is_taken_out(workspace: Workspace) -> None:
    cache.store(workspace.pk, [entry("a", "x\x00\ud800y")])
    assert cache.lookup(workspace.pk, ["a"])["a"].text == "xy"


def test_one_workspace_does_not_see_the_others_answers(workspace: Workspace) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="m", embedding_dimensions=8
    )
    cache.store(workspace.pk, [entry("a")])
    assert cache.lookup(other.pk, ["a"]) == {}
