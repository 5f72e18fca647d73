"""TeX sources: headings, paragraphs, lists, tables and formulas, without layout commands."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import merge
from pathlib import Path

from documents.parsing import block_text, text_file
from documents.parsing.parsed_document import Block, Kind, ParsedDocument

LEVELS = {
    "part": 1,
    "chapter": 1,
    "title": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
}
_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?[ \t]*")
_GROUP = r"\{((?:[^{}]++|\{(?:[^{}]++|\{(?:[^{}]++|\{[^{}]*+\})*+\})*+\})*+)\}"
_ARGUMENT = r"\{(?:[^{}]++|\{[^{}]*+\})*+\}"
_OPTION = r"\[[^\]]{0,500}+\]"
"""Bounded, because an option that is not closed is searched for at each command."""
_HEADING = re.compile(rf"\\({'|'.join(LEVELS)})\*?+\s*+(?:{_OPTION}\s*+)?{_GROUP}")
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*+\{([A-Za-z]++)\*?\}")
_FORMULAS = frozenset(
    {
        "equation",
        "align",
        "gather",
        "multline",
        "eqnarray",
        "displaymath",
        "alignat",
        "flalign",
        "math",
    }
)
_TABLES = frozenset(
    {"tabular", "tabularx", "longtable", "array", "tabulary", "supertabular"}
)
_CODE = frozenset({"verbatim", "lstlisting", "minted", "Verbatim", "alltt"})
_LISTS = {"itemize": False, "enumerate": True, "description": False}
_INLINE_MATH = re.compile(r"(?<!\\)\$(?:[^$\\]++|\\.)++\$|\\\(", re.DOTALL)
"""A formula between dollars, or the beginning of one in parentheses."""
_DROPPED = re.compile(
    r"\\(?:label|vspace|hspace|usepackage|documentclass|bibliographystyle|bibliography"
    r"|includegraphics|setlength|addtolength|pagestyle|thispagestyle|newtheorem|setcounter"
    r"|input|include|hypersetup|definecolor|color|fontsize|selectfont|pagenumbering"
    rf"|graphicspath|RequirePackage|captionsetup|lstset|bibitem)\*?+(?:\s*+{_OPTION})*(?:\s*+{_GROUP})*"
)
_DEFINITION = re.compile(
    rf"\\(?:re)?newcommand\*?+\s*+(?:{_ARGUMENT}|\\\w++)(?:{_OPTION})*+\s*+{_GROUP}"
    rf"|\\def\s*+\\\w++[^{{]{{0,200}}+{_GROUP}"
)
_REFERENCE = re.compile(
    rf"~?\\(?:cite[a-z]*+|nocite)\*?+(?:{_OPTION})*+\{{([^{{}}]*+)\}}"
)
_CROSS_REFERENCE = re.compile(r"\\(?:eq|auto|c|C|page|name)?ref\{([^{}]*+)\}")
_LINK = re.compile(rf"\\href\s*+{_ARGUMENT}\s*+{_GROUP}")
_MULTI = re.compile(
    rf"\\multi(?:column|row)\s*+(?:{_OPTION}\s*+)?(?:{_ARGUMENT}\s*+){{2}}{_GROUP}"
)
_RULE = re.compile(
    r"\\(?:toprule|midrule|bottomrule|hline|cmidrule(?:\([^)]{0,50}+\))?|cline|endhead|endfoot"
    r"|endfirsthead|endlastfoot|noalign|addlinespace|specialrule|rowcolor)"
    rf"(?:{_OPTION})*(?:{_ARGUMENT})*"
)
_COMMAND = re.compile(rf"\\[A-Za-z@]++\*?+(?:\s*+{_OPTION})?\s?")
_LINE_END = re.compile(rf"\\\\(?:{_OPTION})?")
_ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
}
_ACCENT = re.compile(r"\\(['`^\"~=.])\s*\{?\\?([A-Za-zı])\}?")
_LETTERS = {
    r"\ss": "ß",
    r"\ae": "æ",
    r"\AE": "Æ",
    r"\oe": "œ",
    r"\OE": "Œ",
    r"\o": "ø",
    r"\O": "Ø",
    r"\aa": "å",
    r"\AA": "Å",
    r"\l": "ł",
    r"\L": "Ł",
    r"\i": "ı",
    r"\ldots": "…",
    r"\dots": "…",
    r"\textbackslash": "\\",
    r"\LaTeX": "LaTeX",
    r"\TeX": "TeX",
    r"\S": "§",
    r"\P": "¶",
    r"\copyright": "©",
    r"\pounds": "£",
    r"\textasciitilde": "~",
    r"\textquotesingle": "'",
    r"\item": "\n",
}
_LETTER = re.compile(r"\\[A-Za-z]+(?![A-Za-z])")


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a source. Raises NotText. The password is ignored."""
    source = text_file.decode(path.read_bytes(), name).replace("\r\n", "\n")
    parsed = block_text.compose(_document(source), engine="tex")
    return parsed if parsed.text else text_file.plain(source)


def _document(source: str) -> Iterator[Block]:
    before, begin, body = source.partition(r"\begin{document}")
    if not begin:
        yield from _blocks(source)
        return
    for heading in _HEADING.finditer(_COMMENT.sub("", before)):
        if heading[1] == "title":
            yield Block(Kind.HEADING, _inline(heading[2]))
    for author in re.finditer(
        rf"\\author\s*+(?:{_OPTION})?{_GROUP}", _COMMENT.sub("", before)
    ):
        yield Block(Kind.PARAGRAPH, _inline(author[1]))
    yield from _blocks(body.partition(r"\end{document}")[0])


@dataclass(frozen=True, slots=True)
class _Element:
    """A heading, an environment or a displayed formula, and where it is in the source."""

    start: int
    end: int
    kind: str
    name: str
    content: str


def _environments(source: str) -> list[_Element]:
    """Return the environments, in order; an inner one comes after the one around it.

    In code, the first end counts.
    """
    open_begins: dict[str, list[re.Match[str]]] = defaultdict(list)
    environments = []
    for mark in _ENVIRONMENT.finditer(source):
        begins = open_begins[mark[2]]
        if mark[1] == "begin":
            begins.append(mark)
        elif begins:
            begin = begins[0] if mark[2] in _CODE else begins.pop()
            if mark[2] in _CODE:
                begins.clear()
            content = source[begin.end() : mark.start()]
            span = (begin.start(), mark.end())
            environments.append(_Element(*span, "environment", mark[2], content))
    return sorted(environments, key=lambda environment: environment.start)


def _headings(source: str) -> Iterator[_Element]:
    for match in _HEADING.finditer(source):
        yield _Element(match.start(), match.end(), "heading", match[1], match[2])


def _displays(source: str, begin: str, end: str) -> Iterator[_Element]:
    """Yield the displayed formulas between two marks."""
    start = source.find(begin)
    while start >= 0:
        stop = source.find(end, start + len(begin))
        if stop < 0:
            return
        content = source[start + len(begin) : stop]
        yield _Element(start, stop + len(end), "formula", begin, content)
        start = source.find(begin, stop + len(end))


def _blocks(source: str) -> Iterator[Block]:
    """Yield the blocks of a source; code is cut out before comments are removed."""
    position = 0
    for environment in _environments(source):
        if environment.name in _CODE and environment.start >= position:
            yield from _prose(source[position : environment.start])
            options = r"^(?:\[[^\]]*\])?(?:\{[^}]*\})?\n"
            yield Block(Kind.CODE, re.sub(options, "", environment.content))
            position = environment.end
    yield from _prose(source[position:])


def _prose(source: str) -> Iterator[Block]:
    source = _DEFINITION.sub("", _COMMENT.sub("", source))
    yield from _structured(source)


def _structured(source: str) -> Iterator[Block]:
    elements = merge(
        _headings(source),
        _environments(source),
        _displays(source, r"\[", r"\]"),
        _displays(source, "$$", "$$"),
        key=lambda element: element.start,
    )
    position = 0
    for element in elements:
        if element.start >= position:  # otherwise it is inside the previous one
            yield from _paragraphs(source[position : element.start])
            yield from _element(element)
            position = element.end
    yield from _paragraphs(source[position:])


def _element(element: _Element) -> Iterator[Block]:
    name, content = element.name, element.content
    if element.kind == "heading":
        yield Block(Kind.HEADING, _inline(content), level=LEVELS[name])
    elif element.kind == "formula":
        yield Block(Kind.FORMULA, content)
    elif name in _FORMULAS:
        yield Block(Kind.FORMULA, re.sub(rf"\\label{_ARGUMENT}", "", content))
    elif name in _TABLES:
        yield _table(content)
    elif name in _LISTS:
        yield from _list(content, numbered=_LISTS[name])
    elif name == "abstract":
        yield Block(Kind.HEADING, "Abstract", level=2)
        yield from _structured(content)
    elif name != "tikzpicture":
        yield from _structured(
            re.sub(r"^(?:\s*\[[^\]]*\])?(?:\{[^}]*\})?", "", content)
        )


def _table(body: str) -> Block:
    body = re.sub(
        rf"^\s*+(?:{_OPTION}\s*+)?(?:\{{[^{{}}]*+\}}\s*+)?{_ARGUMENT}", "", body
    )
    body = _MULTI.sub(lambda match: match[1], _RULE.sub("", body))
    rows = []
    for line in re.split(rf"{_LINE_END.pattern}|\\tabularnewline", body):
        cells = tuple(_inline(cell) for cell in re.split(r"(?<!\\)&", line))
        if any(cells):
            rows.append(cells)
    return Block(Kind.TABLE, rows=tuple(rows))


def _list(body: str, *, numbered: bool, level: int = 1) -> Iterator[Block]:
    """Yield the items of a list; lists inside of it are one level deeper."""
    inner = [item for item in _environments(body) if item.name in _LISTS]
    parts, position, outermost = list[str](), 0, list[_Element]()
    for environment in inner:
        if environment.start >= position:
            mark = f"\0{len(outermost)}\0"
            parts += [body[position : environment.start], mark]
            outermost.append(environment)
            position = environment.end
    body = "".join([*parts, body[position:]])
    items = re.split(r"\\item(?![A-Za-z])\s*", body)[1:]
    for number, item in enumerate(items, 1):
        label = re.match(r"\[((?:[^\[\]]++|\[[^\]]*+\])*+)\]", item)
        text = item[label.end() :] if label else item
        head, *inner_lists = re.split(r"\0(\d+)\0", text)
        term = f"{_inline(label[1])} " if label else ""
        mark = f"{number}." if numbered else "-"
        yield Block(Kind.LIST, f"{mark} {term}{_inline(head)}", level=level)
        for index, after in zip(inner_lists[::2], inner_lists[1::2], strict=True):
            element = outermost[int(index)]
            yield from _list(
                element.content, numbered=_LISTS[element.name], level=level + 1
            )
            yield from _paragraphs(after)


def _paragraphs(source: str) -> Iterator[Block]:
    for paragraph in re.split(r"\n\s*\n|\\par(?![A-Za-z])", source):
        yield Block(Kind.PARAGRAPH, _inline(paragraph))


def _cut_formulas(source: str) -> tuple[str, list[str]]:
    """Return the text with a mark in place of each inline formula, and the formulas."""
    parts, formulas, position = list[str](), list[str](), 0
    last_end = source.rfind(r"\)")
    match = _INLINE_MATH.search(source)
    while match:
        end = match.end()
        if match[0] == r"\(":
            end = source.index(r"\)", end) + 2 if end <= last_end else match.start()
        if end > match.start():
            parts += [source[position : match.start()], f"\ue000{len(formulas)}\ue001"]
            formulas.append(source[match.start() : end])
            position = end
        match = _INLINE_MATH.search(source, max(end, match.start() + 1))
    return "".join([*parts, source[position:]]), formulas


def _inline(source: str) -> str:
    """Return the text of a paragraph; inline formulas stay in LaTeX."""
    text, formulas = _cut_formulas(source)
    for pattern, replacement in _REPLACEMENTS:
        text = pattern.sub(replacement, text)
    text = _LETTER.sub(lambda match: _LETTERS.get(match[0], match[0]), text)
    text = _COMMAND.sub("", text)
    text = re.sub(
        r"\\([#$%&_{} ])", lambda m: m[1] if m[1] not in "{}" else f"\ue002{m[1]}", text
    )
    text = re.sub(r"(?<!\ue002)[{}]", "", text).replace("\ue002", "")
    text = _LINE_END.sub("\n", text).replace("~", " ")
    text = (
        text.replace("---", "—")
        .replace("--", "–")
        .replace("``", "“")
        .replace("''", "”")
    )
    text = re.sub("\ue000(\\d+)\ue001", lambda match: formulas[int(match[1])], text)
    return re.sub(
        r"(?<![ \t])[ \t]*+\n[ \t]*+", "\n", re.sub(r"(?<!\n)\n(?!\n)", " ", text)
    ).strip()


def _accented(match: re.Match[str]) -> str:
    letter = match[2].replace("ı", "i")
    return unicodedata.normalize("NFC", letter + _ACCENTS[match[1]])


_REPLACEMENTS: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    (_DROPPED, ""),
    (_ACCENT, _accented),
    (
        re.compile(r"\\c\s*\{?([cCsS])\}?"),
        lambda m: {"c": "ç", "C": "Ç", "s": "ş", "S": "Ş"}[m[1]],
    ),
    (_LINK, lambda match: match[1]),
    (_REFERENCE, lambda match: f" [{match[1]}]"),
    (_CROSS_REFERENCE, lambda match: match[1]),
    (re.compile(rf"\\footnote\s*{_GROUP}"), lambda match: f" ({match[1]})"),
]
