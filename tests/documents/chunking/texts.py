"""Hypothesis strategies for texts to divide into chunks."""

from __future__ import annotations

import re

from hypothesis import strategies as st

WORDS = st.sampled_from(
    [
        "tea",
        "Zürich",
        "綠茶很好喝",
        "。",
        "1234567",
        "don't",
        "😀",
        "👩‍👩‍👧",
        "x" * 40,
        ".",
        "a  b",
        "|",
    ]
)
SENTENCES = st.lists(WORDS, max_size=12).map(" ".join)
BLOCKS = st.one_of(
    SENTENCES,
    st.builds("{} {}".format, st.sampled_from(["#", "##", "###"]), SENTENCES),
    st.lists(SENTENCES, max_size=4).map(
        lambda lines: "\n".join(["```", *lines, "```"])
    ),
    st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=9).map(
        lambda rows: "\n".join(
            ["| a | b |", "|---|---|"] + [f"| {a} | {b} |" for a, b in rows]
        )
    ),
    st.text(max_size=40),
)
TEXTS = st.lists(BLOCKS, max_size=10).map("\n\n".join)
SIZES = st.integers(1, 60).flatmap(
    lambda size: st.tuples(st.just(size), st.integers(0, size - 1))
)


def letters(text: str) -> str:
    """Return the text without whitespace."""
    return re.sub(r"\s", "", text)
