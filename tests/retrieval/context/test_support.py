from __future__ import annotations

import pytest

from retrieval.context import support
from retrieval.context.references import Reference
from retrieval.context.support import Verdict
from retrieval.search.evidence import FoundChunk

CURIE = (
    "Marie Curie\nMarie Curie discovered radium in 1898 in Paris. She did not patent the "
    "process. The laboratory was a shed with a leaking roof. 台北車站在一九八九年啟用。"
)


def reference(number: str, content: str) -> Reference:
    chunk = FoundChunk(f"c{number}", f"d{number}", f"{number}.txt", content, 9)
    return Reference(number, chunk.file_path, chunk.document_id, (chunk,))


REFERENCES = [
    reference("1", CURIE),
    reference("2", "The mill was built in 1820 of red brick and burned in 1890."),
]


def verdicts(text: str) -> list[str]:
    return [item.verdict.value for item in support.check(text, REFERENCES)]


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ("Marie Curie discovered radium in Paris in 1898 [1].", Verdict.SUPPORTED),
        ("In 1898 radium was discovered by Curie [1].", Verdict.SUPPORTED),
        ("She did not patent the process [1].", Verdict.SUPPORTED),
        ("Marie Curie discovered radium in 1899 [1].", Verdict.NOT_SUPPORTED),
        ("Marie Curie discovered radium in Vienna [1].", Verdict.NOT_SUPPORTED),
        ("She patented the process of radium [2].", Verdict.NOT_SUPPORTED),
        ("Marie Curie did not discover radium in 1898 [1].", Verdict.NOT_SUPPORTED),
        ("The mill burned in 1890 [2].", Verdict.SUPPORTED),
        ("The mill burned in 1890 [1].", Verdict.NOT_SUPPORTED),
        ("The mill burned in 1890 [7].", Verdict.NOT_SUPPORTED),
        (
            "The laboratory was a shed that colleagues visited gladly [1].",
            Verdict.PARTLY,
        ),
    ],
)
def test_the_verdict_of_a_sentence(statement: str, verdict: Verdict) -> None:
    assert verdicts(statement) == [verdict]


def test_each_sentence_is_compared_with_the_chunks_it_cites() -> None:
    text = (
        "Marie Curie discovered radium [1]. The mill burned in 1890. [2] Nothing is "
        "cited here. The mill was built in 1820 [1][2]."
    )
    checked = support.check(text, REFERENCES)
    assert [item.reference_ids for item in checked] == [("1",), ("2",), ("1", "2")]
    assert {item.verdict for item in checked} == {Verdict.SUPPORTED}
    assert text[checked[1].start : checked[1].end] == "The mill burned in 1890. [2]"


def test_sentences_in_another_script_than_their_source_are_not_judged() -> None:
    assert verdicts("磨坊建於1820年 [2]。") == []


def test_sentences_without_content_words_are_not_judged() -> None:
    assert verdicts("It is [1].") == []


def test_the_verdict_of_a_model_replaces_that_of_the_words() -> None:
    text = "She discovered radium in 1899 [1]. 居里夫人發現了鐳 [2]. It burned in 1890 [7]."
    second = text.index("居")
    by_model = {0: Verdict.SUPPORTED, second: Verdict.PARTLY}
    checked = support.check(text, REFERENCES, by_model)
    assert [item.verdict for item in checked] == [
        Verdict.SUPPORTED,
        Verdict.PARTLY,
        Verdict.NOT_SUPPORTED,
    ]
    marks = support.by_mark(text, REFERENCES, by_model)
    assert list(marks.values()) == [item.verdict for item in checked]
