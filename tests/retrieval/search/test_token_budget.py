from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrieval.search import token_budget


def test_the_longest_prefix_that_fits_is_kept() -> None:
    prefix, cost = token_budget.prefix_within(["aaa", "bb", "cccc", "d"], len, 6)
    assert prefix == ("aaa", "bb")
    assert cost == 6  # a line break between them


def test_nothing_fits_an_empty_budget() -> None:
    assert token_budget.prefix_within(["a"], len, 0) == ((), 0)
    assert token_budget.prefix_within(["a"], len, -5) == ((), 0)


@given(st.lists(st.text(max_size=9)), st.integers(-3, 60))
def test_the_budget_is_never_exceeded(items: list[str], limit: int) -> None:
    prefix, cost = token_budget.prefix_within(items, len, limit)
    assert tuple(items[: len(prefix)]) == prefix
    assert cost == len("\n".join(prefix))
    assert cost <= max(limit, 0)
