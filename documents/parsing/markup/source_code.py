"""Source code and Org files: divided where definitions and sections begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from documents.parsing import block_text, text_cleaning, text_file
from documents.parsing.parsed_document import Block, BlockSpan, Kind, ParsedDocument

_BRACES = r"(?:export |public |private |protected |static |final |abstract |async |unsafe |pub(?:\([^)]*\))? |extern |inline |default |open |override |internal |sealed |data )*"
_WORDS = (
    r"(?:class|interface|enum|struct|trait|impl|func|fn|function|namespace|module|type"
    r"|union|record|object|protocol|extension|const|let|var|template|typedef)\b"
)
_C_FUNCTION = r"[A-Za-z_][\w:<>,*&\s]*\s[*&]*[\w:~]+\s*\([^;]*$"
_LIKE_C = rf"^(?:{_BRACES}{_WORDS}|{_C_FUNCTION})"
DEFINITIONS = {
    ".py": ("python", r"^(?:async def|def|class|@)\b|^@\w"),
    ".rb": ("ruby", r"^(?:def|class|module)\b"),
    ".sh": ("bash", r"^(?:function\s+\w+|[\w-]+\s*\(\))"),
    ".bat": ("batch", r"^:\w"),
    ".sql": ("sql", r"(?i)^(?:create|alter|insert|select|with|update|delete|drop)\b"),
    ".css": ("css", r"^\S.*[{,]\s*$"),
    ".scss": ("scss", r"^\S.*[{,]\s*$"),
    ".less": ("less", r"^\S.*[{,]\s*$"),
    ".go": ("go", r"^(?:func|type|var|const)\b"),
    ".php": ("php", rf"^\s{{0,4}}{_BRACES}{_WORDS}"),
    **{
        suffix: (language, _LIKE_C)
        for suffix, language in {
            ".c": "c",
            ".h": "c",
            ".cpp": "cpp",
            ".hpp": "cpp",
            ".cs": "csharp",
            ".java": "java",
            ".js": "javascript",
            ".jsx": "javascript",
            ".ts": "typescript",
            ".tsx": "typescript",
            ".swift": "swift",
            ".kt": "kotlin",
            ".rs": "rust",
            ".scala": "scala",
        }.items()
    },
}
"""By suffix: the language, and the beginning of a line that begins a definition."""
_ORG_HEADING = re.compile(r"(\*++)\s++(?:(?:TODO|DONE|NEXT|WAITING)\s++)?(.*)")
_ORG_TAGS = re.compile(r":[\w:@]{2,}+(?<=:)")
_ORG_LINK = re.compile(r"\[\[([^\]]*+)(?:\](?:\[([^\]]*+)\])?(\]))?")
"""Also matches what is no link (no group 3), so that no text is read twice."""
_ORG_LIST = re.compile(r"(\s*)([-+]|\d+[.)])\s+(.*)")


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the source unchanged; each definition with its comments is a block of code."""
    text = text_cleaning.clean(text_file.decode(path.read_bytes(), name)).strip("\n")
    language, pattern = DEFINITIONS[Path(name).suffix.lower()]
    starts = _starts(text, re.compile(pattern))
    spans = [
        BlockSpan(start, end, Kind.CODE)
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
        if start < end
    ]
    return ParsedDocument(
        text, markdown=bool(spans), engine=language, blocks=tuple(spans)
    )


def _starts(text: str, definition: re.Pattern[str]) -> list[int]:
    """Return where definitions begin, including the comments and decorators before them."""
    starts, position, pending = [0], 0, -1
    for line in text.splitlines(keepends=True):
        is_definition = bool(definition.match(line))
        is_comment = line.startswith(("#", "//", "/*", " *", "--", "@", '"""', "'''"))
        if is_definition and not line.startswith("@"):
            starts.append(pending if pending >= 0 else position)
            pending = -1
        elif is_comment:
            pending = position if pending < 0 else pending
        else:
            pending = -1
        position += len(line)
    return sorted(set(starts))


def parse_org(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the sections of an Org file. Raises NotText. The password is ignored."""
    text = text_cleaning.clean(text_file.decode(path.read_bytes(), name))
    return block_text.compose(_org(text), engine="org")


def _org(text: str) -> Iterator[Block]:
    lines = list[str]()
    iterator = iter(text.split("\n"))
    for line in iterator:
        heading = _ORG_HEADING.match(line)
        begin = re.match(
            r"\s*#\+begin_(src|example|quote|verse)\s*(\S*)", line, re.IGNORECASE
        )
        title = re.match(r"#\+title:\s*(.*)", line, re.IGNORECASE)
        if heading or begin or title or not line.strip():
            yield from _org_lines(lines)
            lines = []
        if heading:
            yield Block(
                Kind.HEADING,
                _org_text(_without_tags(heading[2].rstrip())),
                level=min(6, len(heading[1])),
            )
        elif title:
            yield Block(Kind.HEADING, title[1])
        elif begin:
            yield _org_block(begin, iterator)
        elif line.strip() and not re.match(r"\s*(?:#\+|# |:[A-Z_]+:)", line):
            lines.append(line)
    yield from _org_lines(lines)


def _org_block(begin: re.Match[str], lines: Iterator[str]) -> Block:
    body = list[str]()
    for line in lines:
        if re.match(r"\s*#\+end_", line, re.IGNORECASE):
            break
        body.append(line)
    is_code = begin[1].lower() in {"src", "example"}
    text = "\n".join(body)
    return Block(
        Kind.CODE if is_code else Kind.PARAGRAPH, text, language=begin[2].lower()
    )


def _org_lines(lines: list[str]) -> Iterator[Block]:
    if lines and all(line.lstrip().startswith("|") for line in lines):
        rows = [
            tuple(
                _org_text(cell.strip()) for cell in line.strip().strip("|").split("|")
            )
            for line in lines
            if not line.lstrip().startswith("|-")
        ]
        yield Block(Kind.TABLE, rows=tuple(rows))
        return
    block: Block | None = None
    for line in lines:
        item = _ORG_LIST.fullmatch(line)
        if item:
            if block:
                yield block
            mark = "-" if item[2] in "-+" else item[2]
            block = Block(
                Kind.LIST, f"{mark} {_org_text(item[3])}", level=len(item[1]) // 2 + 1
            )
        elif block:
            block = replace(block, text=f"{block.text}\n{_org_text(line.strip())}")
        else:
            block = Block(Kind.PARAGRAPH, _org_text(line.strip()))
    if block:
        yield block


def _without_tags(title: str) -> str:
    words = title.rsplit(maxsplit=1)
    has_tags = len(words) == 2 and _ORG_TAGS.fullmatch(words[1])
    return words[0] if has_tags else title


def _org_text(text: str) -> str:
    return _ORG_LINK.sub(
        lambda match: (match[2] or match[1]) if match[3] else match[0], text
    )
