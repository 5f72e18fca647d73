from __future__ import annotations

import pytest

from documents.files import parser_hints
from documents.files.parser_hints import Directives, InvalidDirectives

RULES = (
    "docx:docling-iR; *:native-teP,*:mineru-iteP(chunk_ts=800,chunk_ol=80);*:legacy-R"
)


@pytest.mark.parametrize(
    ("suffix", "engine", "options"),
    [
        (".docx", "docling", "iR"),
        (".md", "native", "teP"),
        (".pdf", "mineru", "iteP"),
        (".csv", "legacy", "R"),
    ],
)
def test_the_first_rule_whose_engine_parses_the_suffix_applies(
    suffix: str, engine: str, options: str
) -> None:
    directives = parser_hints.directives_for(suffix, RULES)
    assert (directives.engine, directives.options) == (engine, options)


def test_commas_in_parentheses_separate_parameters() -> None:
    assert parser_hints.directives_for(".pdf", RULES).chunking == {
        "strategy": "paragraph_semantic",
        "params": {"chunk_token_size": 800, "chunk_overlap_token_size": 80},
    }


def test_without_a_rule_nothing_is_selected() -> None:
    assert parser_hints.directives_for(".pdf", "") == Directives()
    assert parser_hints.directives_for(".pdf", "docx:docling") == Directives()


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("pdf", "SUFFIX:ENGINE-OPTIONS"),
        ("*.pdf:docling", "SUFFIX:ENGINE-OPTIONS"),
        ("pdf:tika", "unsupported parser engine 'tika'"),
        ("pdf:", "is empty"),
        ("pdf:-R", "has no parser engine"),
        ("csv:docling", "matches no suffix that docling parses"),
        ("pdf:docling-Q", "unsupported option 'Q'"),
    ],
)
def test_an_invalid_rule_is_an_error(rules: str, reason: str) -> None:
    with pytest.raises(InvalidDirectives, match=reason):
        parser_hints.rules(rules)
