"""Conversion of an answer's Markdown to safe HTML.

The answer may repeat text of a malicious document. HTML in it is therefore escaped, links
are restricted to safe schemes, and images are not loaded. Formulas stay TeX, in elements
that the page's script typesets with KaTeX.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.texmath import texmath_plugin

from compat_api.webui import links
from retrieval.context import citations
from retrieval.context.citations import Citation
from retrieval.context.references import Reference

_MARK = re.compile(r"\[(\d{1,4})\]")
_PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")
"""Placeholder of a citation, in private-use characters that Markdown does not change."""

_RENDERER = MarkdownIt("commonmark", {"html": False, "breaks": True})
_RENDERER.enable(["table", "strikethrough"]).disable(["image"])
# Models write `\(x\)`, `\[x\]`, `$x$` and `$$x$$`. Amounts such as $5 are not formulas.
# The second plugin renders the formulas of both, because the first does not escape them.
_RENDERER.use(texmath_plugin, delimiters="brackets").disable(["math_block_eqno"])
_RENDERER.use(
    dollarmath_plugin, allow_digits=False, allow_labels=False, double_inline=True
)

Link = Callable[[int], SafeString]
"""Returns the HTML of the citation with that index."""


def render_partial(text: str, references: Sequence[Reference]) -> SafeString:
    """Render an incomplete answer; citations link to the first chunk of the document."""
    by_id = {reference.reference_id: reference for reference in references}
    marks = [mark for mark in _MARK.finditer(text) if mark[1] in by_id]
    return render(
        _insert_placeholders(text, [mark.span() for mark in marks]),
        lambda n: _document_link(by_id[marks[n][1]]),
    )


def render_final(text: str, references: Sequence[Reference]) -> SafeString:
    """Render the complete answer; each citation links to the chunk that supports it."""
    matches = citations.find(text, references)
    spans = [(citation.start, citation.end) for citation in matches]
    return render(
        _insert_placeholders(text, spans), lambda n: _citation_link(matches[n])
    )


def render(text: str, link: Link) -> SafeString:
    """Render Markdown and replace the placeholders by links."""
    html: str = _RENDERER.render(text)
    linked = _PLACEHOLDER.sub(lambda match: link(int(match[1])), html)
    return mark_safe(linked)  # noqa: S308 - the renderer has escaped the text


def _insert_placeholders(text: str, spans: Sequence[tuple[int, int]]) -> str:
    parts, end = [], 0
    for number, (start, stop) in enumerate(spans):
        parts += [_without_placeholders(text[end:start]), f"\ue000{number}\ue001"]
        end = stop
    return "".join([*parts, _without_placeholders(text[end:])])


def _without_placeholders(text: str) -> str:
    return text.replace("\ue000", "").replace("\ue001", "")


def _document_link(reference: Reference) -> SafeString:
    chunk_id = reference.chunks[0].chunk_id
    return _link(reference, chunk_id, reference.file_path)


def _citation_link(citation: Citation) -> SafeString:
    return _link(citation.reference, citation.chunk.chunk_id, citation.quote)


def _link(reference: Reference, chunk_id: str, title: str) -> SafeString:
    return format_html(
        '<a class="cite" href="{}" title="{}">{}</a>',
        links.to_chunk(chunk_id),
        title[:400],
        reference.reference_id,
    )
