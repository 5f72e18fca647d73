"""Properties of the functions that read text of documents, models and users.

They raise only their own errors, whatever the text is.
"""

from __future__ import annotations

from contextlib import suppress

from django.utils.safestring import SafeString
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compat_api.webui.chat import markdown
from documents import chunking, parsing
from documents.chunking import ChunkOptions
from documents.chunking.options import PARAMETERS
from documents.errors import DocumentError
from documents.parsing import text_file
from graph.age import cypher_guard
from graph.age.errors import CypherError
from graph.extraction import answer_format
from retrieval.context import citations, sentences
from retrieval.index import lexical, name_key
from retrieval.llm.errors import BadAnswer

MARKS = st.sampled_from(
    [
        *"#|-`~\n []()*_$\\<>1a字\u3000\t\r!:.。\"'{}=",
        *("[1]", "\\(", "\\)", "$$", "---\n", "| - |\n", "```\n", "![](data:"),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(MARKS, max_size=200).map("".join),
    st.tuples(MARKS, MARKS, st.integers(1, 2000)).map(lambda t: t[0] + t[1] * t[2]),
)
BOUNDED = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@BOUNDED
@given(TEXTS, st.sampled_from(tuple(PARAMETERS)), st.integers(1, 40))
def test_chunks_contain_every_character_except_blanks(
    text: str, strategy: str, size: int
) -> None:
    parsed = parsing.plain_text(text, "a.md")
    options = ChunkOptions(strategy=strategy, size=size, overlap=size // 4)
    drafts = chunking.split(
        parsed, options, embed=lambda texts: [[1.0, 0.0] for _ in texts]
    )
    assert set("".join(draft.content for draft in drafts)) >= set(
        "".join(parsed.text.split())
    )


@BOUNDED
@given(TEXTS)
def test_an_answer_becomes_html_without_scripts(text: str) -> None:
    html = markdown.render(text, lambda _: SafeString(""))
    assert "<script" not in html.lower()


@BOUNDED
@given(TEXTS)
def test_marks_are_in_order_and_inside_the_text(text: str) -> None:
    marks = citations.marks(text)
    ends = [(mark.start, mark.end) for mark in marks]
    assert ends == sorted(ends)
    assert all(0 <= start < end <= len(text) for start, end in ends)


@BOUNDED
@given(TEXTS)
def test_sentences_are_parts_of_the_text(text: str) -> None:
    for sentence in sentences.split(text):
        assert sentence.text.strip() in text


@BOUNDED
@given(TEXTS)
def test_words_and_names_of_any_text_can_be_made(text: str) -> None:
    lexical.segment(text)
    name_key.without_abbreviation(text)


@BOUNDED
@given(TEXTS)
def test_a_cypher_query_is_accepted_or_refused(text: str) -> None:
    for query in (text, f"MATCH (n) WHERE {text} RETURN n", f"RETURN {text}"):
        with suppress(CypherError):
            cypher_guard.check(query)


@BOUNDED
@given(TEXTS)
def test_an_answer_of_a_model_is_an_extraction_or_refused(text: str) -> None:
    for answer in (text, '{"entities": [' + text, f"<think>{text}</think>{{}}"):
        with suppress(BadAnswer):
            answer_format.read(answer)


@BOUNDED
@given(st.binary(max_size=400))
def test_any_bytes_are_a_text_or_refused(data: bytes) -> None:
    with suppress(DocumentError):
        assert isinstance(text_file.decode(data, "a.txt"), str)
