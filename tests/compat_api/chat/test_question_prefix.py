"""Prefixes of a chat's question: mode, context only and an instruction."""

from __future__ import annotations

import pytest

from compat_api.chat.question_prefix import Prefixed, parse
from retrieval.search.params import Mode


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who?", Prefixed("Who?")),
        ("/local Who?", Prefixed("Who?", Mode.LOCAL)),
        ("/bypass Hi", Prefixed("Hi", Mode.BYPASS)),
        ("/context Who?", Prefixed("Who?", Mode.MIX, only_context=True)),
        ("/globalcontext Who?", Prefixed("Who?", Mode.GLOBAL, only_context=True)),
        ("/mix[in verse] Who?", Prefixed("Who?", Mode.MIX, instruction="in verse")),
        ("/[in verse] Who?", Prefixed("Who?", instruction="in verse")),
        ("/localcontext[x]Who?", Prefixed("Who?", Mode.LOCAL, True, "x")),
        ("/localization is hard", Prefixed("/localization is hard")),
        ("/contextual words", Prefixed("/contextual words")),
        ("/LOCAL Who?", Prefixed("/LOCAL Who?")),
        ("/ Who?", Prefixed("/ Who?")),
        ("/bypasscontext Who?", Prefixed("/bypasscontext Who?")),
        (" /local Who?", Prefixed(" /local Who?")),
        ("/etc/passwd?", Prefixed("/etc/passwd?")),
    ],
)
def test_prefix_is_split_from_the_question(text: str, expected: Prefixed) -> None:
    assert parse(text) == expected
