"""Conversion of an answer's Markdown to safe HTML.

The answer may repeat text of a malicious document. HTML in it is therefore escaped, links
are restricted to safe schemes, and images are not loaded. Formulas stay TeX, in elements
that the page's script typesets with KaTeX.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.texmath import texmath_plugin

from compat_api.webui import links
from retrieval.context import citations, support
from retrieval.context.citations import Citation, Mark
from retrieval.context.references import Reference
from retrieval.context.support import Verdict

_PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")
"""Placeholder of a citation, in private-use characters that Markdown does not change."""

MAX_FORMULAS = 500
"""Upper bound on delimiters of formulas: the plugins search for the end of each."""


def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True})
    return renderer.enable(["table", "strikethrough"]).disable(["image"])


_WITHOUT_FORMULAS = _renderer()
_RENDERER = _renderer()
# Models write `\(x\)`, `\[x\]`, `$x$` and `$$x$$`. Amounts such as $5 are not formulas.
# The second plugin renders the formulas of both, because the first does not escape them.
_RENDERER.use(texmath_plugin, delimiters="brackets").disable(["math_block_eqno"])
_RENDERER.use(
    dollarmath_plugin, allow_digits=False, allow_labels=False, double_inline=True
)

SUPPORT_MARKS: Mapping[Verdict | None, tuple[str, str | Promise]] = {
    Verdict.PARTLY: ("partly", _("Partly supported by the source:")),
    Verdict.NOT_SUPPORTED: ("unsupported", _("Not found in the source:")),
}
"""The CSS class and the explanation of a citation that is not fully supported."""

Link = Callable[[int], SafeString]
"""Returns the HTML of the citation with that index."""


def render_partial(text: str, references: Sequence[Reference]) -> SafeString:
    """Render an incomplete answer; citations link to the first chunk of the document."""
    by_id = {reference.reference_id: reference for reference in references}
    verdicts = support.by_mark(text, references)
    return _render_marks(
        text,
        lambda mark, number: _document_link(by_id[number], verdicts.get(mark.start)),
        by_id,
    )


def render_final(
    text: str,
    references: Sequence[Reference],
    by_model: support.Verdicts = support.NO_VERDICTS,
) -> SafeString:
    """Render the complete answer; each citation links to the chunk that supports it."""
    by_id = {reference.reference_id: reference for reference in references}
    by_mark = {
        (item.start, item.reference.reference_id): item
        for item in citations.find(text, references)
    }
    verdicts = support.by_mark(text, references, by_model)
    return _render_marks(
        text,
        lambda mark, number: _citation_link(
            by_mark[mark.start, number], verdicts.get(mark.start)
        ),
        by_id,
    )


def _render_marks(
    text: str,
    link: Callable[[Mark, str], SafeString],
    by_id: Mapping[str, Reference],
) -> SafeString:
    """Render the text; `link` returns the HTML of a number that has a reference."""
    marks = citations.marks(text)
    spans = [(mark.start, mark.end) for mark in marks]

    def html(index: int) -> SafeString:
        mark = marks[index]
        return format_html_join(
            "",
            "{}",
            (
                (link(mark, number) if number in by_id else _unknown(number),)
                for number in mark.numbers
            ),
        )

    return render(_insert_placeholders(text, spans), html)


def render(text: str, link: Link) -> SafeString:
    """Render Markdown and replace the placeholders by links."""
    delimiters = sum(map(text.count, ("\\(", "\\[", "$")))
    renderer = _RENDERER if delimiters <= MAX_FORMULAS else _WITHOUT_FORMULAS
    html: str = renderer.render(text)
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


def _document_link(reference: Reference, verdict: Verdict | None) -> SafeString:
    return _link(reference, reference.chunks[0].chunk_id, "", verdict)


def _citation_link(citation: Citation, verdict: Verdict | None) -> SafeString:
    chunk_id = citation.chunk.chunk_id
    return _link(citation.reference, chunk_id, citation.quote, verdict)


def _link(
    reference: Reference, chunk_id: str, quote: str, verdict: Verdict | None
) -> SafeString:
    css_class, note = SUPPORT_MARKS.get(verdict, ("", ""))
    title = f"{note} {quote[:400] or reference.file_path}".strip()
    return format_html(
        '<a class="cite{}" href="{}" title="{}">{}</a>',
        f" {css_class}" if css_class else "",
        links.to_chunk(chunk_id, quote),
        title,
        reference.reference_id,
    )


def _unknown(number: str) -> SafeString:
    title = gettext("There is no source {n}.").format(n=number)
    return format_html('<span class="cite unknown" title="{}">{}</span>', title, number)
