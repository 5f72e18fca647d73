"""An answer's Markdown as HTML that can do no harm.

HTML in it is shown as text, links lead only where links may, and pictures are not
loaded: what a model writes may have come from a document somebody else wrote. Formulas
stay as they are written, in elements that the page's script sets by KaTeX.
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
_PLACE = re.compile("\ue000(\\d+)\ue001")
"""Where a chip goes: letters of nobody's script, so that Markdown lets them be."""

_RENDERER = MarkdownIt("commonmark", {"html": False, "breaks": True})
_RENDERER.enable(["table", "strikethrough"]).disable(["image"])
# `\(x\)` and `\[x\]` as models write them, then `$x$` and `$$x$$`, but no sums of
# money; the second plugin renders for both, and escapes what the first would not.
_RENDERER.use(texmath_plugin, delimiters="brackets").disable(["math_block_eqno"])
_RENDERER.use(
    dollarmath_plugin, allow_digits=False, allow_labels=False, double_inline=True
)

Chip = Callable[[int], SafeString]


def while_written(text: str, listed: Sequence[Reference]) -> SafeString:
    """The answer so far; its chips lead to the first passage of their document."""
    known = {one.reference_id: one for one in listed}
    found = [known[mark[1]] for mark in _MARK.finditer(text) if mark[1] in known]
    spans = [mark.span() for mark in _MARK.finditer(text) if mark[1] in known]
    return render(_with_places(text, spans), lambda n: _chip(found[n]))


def finished(text: str, listed: Sequence[Reference]) -> SafeString:
    """The whole answer; each chip leads to the passage its sentence rests on."""
    found = citations.find(text, listed)
    spans = [(one.start, one.end) for one in found]
    return render(_with_places(text, spans), lambda n: _exact_chip(found[n]))


def render(text: str, chip: Chip) -> SafeString:
    """Markdown with chips in the marked places."""
    html: str = _RENDERER.render(text)
    return mark_safe(_PLACE.sub(lambda place: chip(int(place[1])), html))  # noqa: S308 - escaped by the renderer


def _with_places(text: str, spans: Sequence[tuple[int, int]]) -> str:
    parts, end = [], 0
    for number, (start, stop) in enumerate(spans):
        parts += [_plain(text[end:start]), f"\ue000{number}\ue001"]
        end = stop
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    return text.replace("\ue000", "").replace("\ue001", "")


def _chip(reference: Reference) -> SafeString:
    chunk_id = reference.passages[0].chunk_id
    return _link(reference, chunk_id, reference.file_path)


def _exact_chip(found: Citation) -> SafeString:
    return _link(found.reference, found.passage.chunk_id, found.quote)


def _link(reference: Reference, chunk_id: str, title: str) -> SafeString:
    return format_html(
        '<a class="cite" href="{}" title="{}">{}</a>',
        links.of_chunk(chunk_id),
        title[:400],
        reference.reference_id,
    )
