from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.utils import translation

from compat_api.webui.chat import answer_stream, evidence, markdown
from documents.models import Workspace
from retrieval.context.prompt_context import Context
from retrieval.context.references import Reference
from retrieval.search.evidence import FoundChunk, FoundEntity
from retrieval.search.params import Mode, QueryParams
from retrieval.search.question import Keywords

CHUNKS = (
    FoundChunk("doc-a-chunk-000", "doc-a", "a.md", "Ada wrote notes.", 4),
    FoundChunk("doc-a-chunk-003", "doc-a", "a.md", "Babbage built engines.", 4),
)
ADA = Reference("1", "a.md", "doc-a", CHUNKS)


def test_html_and_images_in_an_answer_are_escaped() -> None:
    text = "<script>x</script> ![p](http://evil.example/x.png) [l](javascript:x)"
    html = markdown.render_final(text, ())
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("so $a<b$", '<span class="math inline">a&lt;b</span>'),
        (r"so \(x_i\)", '<span class="math inline">x_i</span>'),
        ("$$\nx^2\n$$", '<div class="math block">\nx^2\n</div>'),
        ("\\[\nx^2\n\\]", '<div class="math block">\nx^2\n</div>'),
        ("$5 and $6", "$5 and $6"),
        (r"\(<img src=x>\)", "&lt;img"),
        ("\\[ <img src=x> \\] (1)", "&lt;img"),
    ],
)
def test_formulas_are_escaped_and_marked_for_the_script(text: str, html: str) -> None:
    rendered = markdown.render_final(text, ())
    assert html in rendered
    assert "<img" not in rendered


def test_a_citation_links_to_the_chunk_that_supports_its_sentence() -> None:
    html = markdown.render_final("Babbage built engines [1]. Nobody knows [7].", [ADA])
    url = "/webui/documents/doc-a/?chunk=3&amp;quote=Babbage+built+engines.#chunk-3"
    assert f'<a class="cite" href="{url}"' in html
    assert '<span class="cite unknown" title="There is no source 7.">7</span>' in html


def test_each_number_of_a_mark_is_a_link() -> None:
    html = markdown.render_final("Babbage built engines [1, 1] and 【1】.", [ADA])
    assert html.count('class="cite') == 2


def test_a_citation_that_its_source_does_not_support_is_marked() -> None:
    html = markdown.render_final("Babbage destroyed bridges in 1830 [1].", [ADA])
    assert '<a class="cite unsupported"' in html
    assert "Not found in the source:" in html


def test_a_citation_in_an_incomplete_answer_links_to_its_document() -> None:
    html = markdown.render_partial("**Ada** wrote [1]", [ADA])
    assert "<strong>Ada</strong>" in html
    assert "chunk=0#chunk-0" in html


def test_a_file_name_is_escaped() -> None:
    bad = Reference("1", '"><script>', "doc-a", CHUNKS)
    assert "<script>" not in markdown.render_partial("so [1]", [bad])


@pytest.mark.parametrize(
    "counts", [{}, {"total_chunks_found": 9, "final_chunks_count": 2}]
)
def test_results_are_shown_with_the_scores_of_retrievers(
    counts: dict[str, int],
) -> None:
    ada = FoundEntity(1, "Ada", "Person", "Wrote.", 1, 0, scores={"vector": 0.51234})
    context = Context(
        mode=Mode.MIX,
        keywords=Keywords(("history",), ("Ada",)),
        entities=(ada,),
        chunks=CHUNKS,
        counts=counts,
        timings={"search": 0.01},
        left_out=(FoundChunk("doc-b-chunk-001", "doc-b", "b.md", "Cut.", 4),),
    )
    html = evidence.render(context)
    assert "vector 0.512" in html
    assert "doc-b/?chunk=1#chunk-1" in html
    assert "?chunk=3#chunk-3" in html
    assert ("<b>9</b> found" in html) is bool(counts)


async def collect(lines: AsyncIterator[str]) -> list[dict[str, Any]]:
    return [json.loads(line) async for line in lines]


def test_an_answer_is_streamed_as_steps_references_and_the_result(
    own_workspace: Workspace,
) -> None:
    stream = answer_stream.json_lines(own_workspace, QueryParams("Who was Ada?"))
    with translation.override("en"):  # another test may have left a language active
        lines = async_to_sync(collect)(stream)
    kinds = [next(iter(line)) for line in lines]
    assert kinds[0] == "step"
    assert "references" in kinds
    assert kinds[-1] == "done"
    assert "Nothing relevant found" in lines[-1]["done"]["html"]


def test_a_question_that_is_too_short_is_refused(browser: Client) -> None:
    answer = browser.post("/webui/chat/ask", {"query": "a"}, "application/json")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("RAG query is too short")
