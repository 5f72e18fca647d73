"""Citations as OpenAI's annotations, with the source of each citation.

`url` is the page of the document; `source` is an addition to OpenAI's API. Open WebUI
shows the n-th distinct URL, in the order of arrival, as the source of the mark `[n]`.
Therefore the annotations are sorted by the number of their reference, each document has
one URL, and references below the highest cited number that are not cited have an
annotation of no characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse

from compat_api.chat import source_list
from retrieval.context import citations, support
from retrieval.context.references import Reference
from retrieval.context.support import NO_VERDICTS, Verdicts

Annotation = dict[str, Any]
_UNCITED: Annotation = {"chunk_id": "", "pages": [], "headings": [], "quote": ""}


def pages_url(request: HttpRequest) -> str:
    """Return the address below which the pages of documents are."""
    return request.build_absolute_uri(reverse("webui:documents") + "documents/")


def of_message(
    text: str,
    references: Sequence[Reference],
    pages: str,
    by_model: Verdicts = NO_VERDICTS,
) -> list[Annotation]:
    """Return the annotations of a chat completion's message; `pages` is `pages_url`.

    `by_model` are the verdicts of a model about the support of sentences.
    """
    return [
        {"type": "url_citation", "url_citation": citation, "source": source}
        for citation, source in _cited(text, references, pages, by_model)
    ]


def of_response(
    text: str,
    references: Sequence[Reference],
    pages: str,
    by_model: Verdicts = NO_VERDICTS,
) -> list[Annotation]:
    """Return the annotations of a response's output text, which are not nested."""
    return [
        {"type": "url_citation", **citation, "source": source}
        for citation, source in _cited(text, references, pages, by_model)
    ]


def _cited(
    text: str, references: Sequence[Reference], pages: str, by_model: Verdicts
) -> list[tuple[Annotation, Annotation]]:
    """Return the URL citation and the source of each annotation, in order."""
    answer = source_list.without(text)
    citations_of_answer = citations.find(answer, references)
    verdicts = support.by_mark(answer, references, by_model)
    cited = {int(citation.reference.reference_id) for citation in citations_of_answer}
    annotations = [
        (
            _number(item.reference),
            _url_citation(item.reference, pages, item.start, item.end),
            _source(item) | {"support": verdicts.get(item.start)},
        )
        for item in citations_of_answer
    ]
    annotations += [
        (_number(item), _url_citation(item, pages, 0, 0), _file(item) | _UNCITED)
        for item in references
        if _number(item) not in cited and _number(item) < max(cited, default=0)
    ]
    annotations.sort(key=lambda annotation: annotation[0])
    return [(citation, source) for _, citation, source in annotations]


def _number(reference: Reference) -> int:
    return int(reference.reference_id)


def _url_citation(reference: Reference, pages: str, start: int, end: int) -> Annotation:
    """Return the cited document and the characters of the answer that cite it."""
    return {
        "start_index": start,
        "end_index": end,
        "title": reference.file_path,
        "url": f"{pages}{quote(reference.document_id, safe='')}/",
    }


def _source(citation: citations.Citation) -> Annotation:
    """Return where the cited text is in the documents."""
    chunk = citation.chunk
    return {
        **_file(citation.reference),
        "chunk_id": chunk.chunk_id,
        "pages": list(chunk.pages),
        "headings": list(chunk.headings),
        "quote": citation.quote,
    }


def _file(reference: Reference) -> Annotation:
    (file,) = source_list.files([reference])
    return file
