"""TeX sources: headings, paragraphs, lists, tables and formulas, without layout commands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
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
_GROUP = r"\{((?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*)\}"
_HEADING = re.compile(rf"\\({'|'.join(LEVELS)})\*?\s*(?:\[[^\]]*\])?\s*{_GROUP}")
_ENVIRONMENT = re.compile(
    r"\\begin\s*\{([A-Za-z]+)\*?\}(.*?)\\end\s*\{\1\*?\}", re.DOTALL
)
_DISPLAY = re.compile(r"\\\[(.*?)\\\]|\$\$(.*?)\$\$", re.DOTALL)
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
_INLINE_MATH = re.compile(r"(?<!\\)\$(?:[^$\\]|\\.)+\$|\\\((?:.*?)\\\)", re.DOTALL)
_DROPPED = re.compile(
    r"\\(?:label|vspace|hspace|usepackage|documentclass|bibliographystyle|bibliography"
    r"|includegraphics|setlength|addtolength|pagestyle|thispagestyle|newtheorem|setcounter"
    r"|input|include|hypersetup|definecolor|color|fontsize|selectfont|pagenumbering"
    rf"|graphicspath|RequirePackage|captionsetup|lstset|bibitem)\*?(?:\s*\[[^\]]*\])*(?:\s*{_GROUP})*"
)
_DEFINITION = re.compile(
    rf"\\(?:re)?newcommand\*?\s*(?:\{{[^}}]*\}}|\\\w+)(?:\[[^\]]*\])*\s*{_GROUP}"
    rf"|\\def\s*\\\w+[^{{]*{_GROUP}"
)
_REFERENCE = re.compile(r"~?\\(?:cite[a-z]*|nocite)\*?(?:\[[^\]]*\])*\{([^}]*)\}")
_CROSS_REFERENCE = re.compile(r"\\(?:eq|auto|c|C|page|name)?ref\{([^}]*)\}")
_LINK = re.compile(rf"\\href\s*\{{[^}}]*\}}\s*{_GROUP}")
_MULTI = re.compile(
    rf"\\multi(?:column|row)\s*(?:\[[^\]]*\])?\s*\{{[^}}]*\}}\s*\{{[^}}]*\}}\s*{_GROUP}"
)
_RULE = re.compile(
    r"\\(?:toprule|midrule|bottomrule|hline|cmidrule(?:\([^)]*\))?|cline|endhead|endfoot"
    r"|endfirsthead|endlastfoot|noalign|addlinespace|specialrule|rowcolor)(?:\[[^\]]*\])*(?:\{[^}]*\})*"
)
_COMMAND = re.compile(r"\\[A-Za-z@]+\*?(?:\s*\[[^\]]*\])?\s?")
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
        rf"\\author\s*(?:\[[^\]]*\])?{_GROUP}", _COMMENT.sub("", before)
    ):
        yield Block(Kind.PARAGRAPH, _inline(author[1]))
    yield from _blocks(body.partition(r"\end{document}")[0])


def _blocks(source: str) -> Iterator[Block]:
    """Yield the blocks of a source; code is cut out before comments are removed."""
    position = 0
    for match in _ENVIRONMENT.finditer(source):
        if match[1] in _CODE and match.start() >= position:
            yield from _prose(source[position : match.start()])
            options = r"^(?:\[[^\]]*\])?(?:\{[^}]*\})?\n"
            yield Block(Kind.CODE, re.sub(options, "", match[2]))
            position = match.end()
    yield from _prose(source[position:])


def _prose(source: str) -> Iterator[Block]:
    source = _DEFINITION.sub("", _COMMENT.sub("", source))
    yield from _structured(source)


def _structured(source: str) -> Iterator[Block]:
    position = 0
    patterns = (_HEADING, _ENVIRONMENT, _DISPLAY)
    # Each pattern is searched for again only behind its last match: one that does not
    # occur would otherwise be searched for in the whole source after each element.
    matches = {pattern: pattern.search(source) for pattern in patterns}
    while nearest := [match for match in matches.values() if match]:
        match = min(nearest, key=lambda found: found.start())
        yield from _paragraphs(source[position : match.start()])
        yield from _element(match)
        position = match.end()
        for pattern, last in matches.items():
            if last and last.start() < position:
                matches[pattern] = pattern.search(source, position)
    yield from _paragraphs(source[position:])


def _element(match: re.Match[str]) -> Iterator[Block]:
    if match.re is _HEADING:
        yield Block(Kind.HEADING, _inline(match[2]), level=LEVELS[match[1]])
    elif match.re is _DISPLAY:
        yield Block(Kind.FORMULA, match[1] or match[2] or "")
    elif match[1] in _FORMULAS:
        yield Block(Kind.FORMULA, re.sub(r"\\label\{[^}]*\}", "", match[2]))
    elif match[1] in _TABLES:
        yield _table(match[2])
    elif match[1] in _LISTS:
        yield from _list(match[2], numbered=_LISTS[match[1]])
    elif match[1] == "abstract":
        yield Block(Kind.HEADING, "Abstract", level=2)
        yield from _structured(match[2])
    elif match[1] != "tikzpicture":
        yield from _structured(
            re.sub(r"^(?:\s*\[[^\]]*\])?(?:\{[^}]*\})?", "", match[2])
        )


def _table(body: str) -> Block:
    body = re.sub(
        r"^\s*(?:\[[^\]]*\])?\s*(?:\{[^{}]*\}\s*)?\{(?:[^{}]|\{[^{}]*\})*\}", "", body
    )
    body = _MULTI.sub(lambda match: match[1], _RULE.sub("", body))
    rows = []
    for line in re.split(r"\\\\(?:\[[^\]]*\])?|\\tabularnewline", body):
        cells = tuple(_inline(cell) for cell in re.split(r"(?<!\\)&", line))
        if any(cells):
            rows.append(cells)
    return Block(Kind.TABLE, rows=tuple(rows))


def _list(body: str, *, numbered: bool, level: int = 1) -> Iterator[Block]:
    """Yield the items of a list; lists inside of it are one level deeper."""
    inner = list[tuple[str, str]]()

    def cut(match: re.Match[str]) -> str:
        inner.append((match[1], match[2]))
        return f"\0{len(inner) - 1}\0"

    body = re.sub(
        r"\\begin\{(itemize|enumerate|description)\}(.*?)\\end\{\1\}",
        cut,
        body,
        flags=re.DOTALL,
    )
    items = re.split(r"\\item(?![A-Za-z])\s*", body)[1:]
    for number, item in enumerate(items, 1):
        label = re.match(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]", item)
        text = item[label.end() :] if label else item
        head, *rest = re.split(r"\0(\d+)\0", text)
        term = f"{_inline(label[1])} " if label else ""
        mark = f"{number}." if numbered else "-"
        yield Block(Kind.LIST, f"{mark} {term}{_inline(head)}", level=level)
        for index, after in zip(rest[::2], rest[1::2], strict=True):
            kind, content = inner[int(index)]
            yield from _list(content, numbered=_LISTS[kind], level=level + 1)
            yield from _paragraphs(after)


def _paragraphs(source: str) -> Iterator[Block]:
    for paragraph in re.split(r"\n\s*\n|\\par(?![A-Za-z])", source):
        yield Block(Kind.PARAGRAPH, _inline(paragraph))


def _inline(source: str) -> str:
    """Return the text of a paragraph; inline formulas stay in LaTeX."""
    formulas = list[str]()

    def keep(match: re.Match[str]) -> str:
        formulas.append(match[0])
        return f"\ue000{len(formulas) - 1}\ue001"

    text = _INLINE_MATH.sub(keep, source)
    for pattern, replacement in _REPLACEMENTS:
        text = pattern.sub(replacement, text)
    text = _LETTER.sub(lambda match: _LETTERS.get(match[0], match[0]), text)
    text = _COMMAND.sub("", text)
    text = re.sub(
        r"\\([#$%&_{} ])", lambda m: m[1] if m[1] not in "{}" else f"\ue002{m[1]}", text
    )
    text = re.sub(r"(?<!\ue002)[{}]", "", text).replace("\ue002", "")
    text = re.sub(r"\\\\(?:\[[^\]]*\])?", "\n", text).replace("~", " ")
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
