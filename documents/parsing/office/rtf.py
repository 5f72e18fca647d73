"""RTF files: text in the code page of its font, tables, lists, notes, fields and images."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from documents.parsing import block_text, encodings
from documents.parsing.office import embedded, symbols
from documents.parsing.office.rtf_flow import Flow
from documents.parsing.parsed_document import (
    Attachment,
    Block,
    Image,
    Kind,
    ParsedDocument,
)

_TOKEN = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    rb"|\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<symbol>[^a-zA-Z])"
    rb"|(?P<open>\{)|(?P<close>\})|(?P<end>[\r\n]+)|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)
_CHARSETS = {
    0: "cp1252",
    2: "cp1252",
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "big5hkscs",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp850",
}
"""The code pages of the font charsets (`\\fcharset`)."""
_CHARACTERS = {
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "tab": "\t",
    "line": "\n",
    "softline": "\n",
    "nestcell": "\t",
    "nestrow": "\n",
}
_SYMBOLS = {b"~": "\xa0", b"_": "-", b"-": "", b"\\": "\\", b"{": "{", b"}": "}"}
_DESTINATIONS = {
    "footnote": "note",
    "annotation": "comment",
    "header": "margin",
    "headerl": "margin",
    "headerr": "margin",
    "headerf": "margin",
    "footer": "margin",
    "footerl": "margin",
    "footerr": "margin",
    "footerf": "margin",
    "atnauthor": "author",
    "pict": "picture",
    "objdata": "object",
    "listtext": "label",
    "pntext": "label",
    "fonttbl": "fonts",
    "stylesheet": "styles",
}
_SKIPPED = frozenset(
    {
        *("colortbl", "info", "fldinst", "listtable", "listoverridetable", "rsidtbl"),
        *("generator", "themedata", "colorschememapping", "latentstyles", "datastore"),
        *("xmlnstbl", "datafield", "bkmkstart", "bkmkend", "nonshppict", "filetbl"),
        *("revtbl", "template", "atnid", "atnref", "atntime", "atndate", "atrfstart"),
        *("atrfend", "objclass", "objname", "result_", "picprop", "sp", "shpinst_"),
        *("pgdsctbl", "mmathPr", "wgrffmtfilter", "userprops", "docvar", "xe", "tc"),
        *("ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "falt", "panose", "pnseclvl"),
        *(
            "shprslt",
            "do",
            "blipuid",
            "listname",
            "oldcprops",
            "oldpprops",
            "passwordhash",
        ),
    }
)
"""Groups whose text is not displayed."""
_FONT_WORDS = frozenset({"f", "fcharset", "cpg", "ansicpg", "mac", "pc", "pca", "deff"})
_IMAGES = {
    "pngblip": "image/png",
    "jpegblip": "image/jpeg",
    "emfblip": "image/emf",
    "wmetafile": "image/wmf",
}


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the text of a file. The password is ignored."""
    reader = _Reader()
    reader.read(path.read_bytes())
    return block_text.compose(
        symbols.decoded(reader.blocks()), engine="rtf", attachments=reader.attachments
    )


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the blocks of an RTF text."""
    reader = _Reader()
    reader.read(data)
    yield from symbols.decoded(reader.blocks())


@dataclass(frozen=True, slots=True)
class _State:
    """The formatting inside a group."""

    target: str = "body"
    encoding: str = "cp1252"
    skip: int = 1
    """Number of characters that follow `\\u` for programs without Unicode."""
    hidden: bool = False
    image: str = ""


class _Reader:
    def __init__(self) -> None:
        self.state = _State()
        self.stack = list[tuple[_State, str]]()
        self.flows = [Flow()]
        self.pending = bytearray()
        self.ignored = 0
        self.optional = False
        self.fonts = dict[int, str]()
        self.font = 0
        self.default_encoding = "cp1252"
        self.styles = dict[int, str]()
        self.style_name = list[str]()
        self.style_number = 0
        self.author = ""
        self.margins = list[Block]()
        self.seen = set[str]()
        self.hex = list[str]()
        self.high = ""
        self.attachments = list[Attachment]()

    def blocks(self) -> Iterator[Block]:
        self.flows[-1].end(self.styles)
        yield from self.margins
        yield from self.flows[0].blocks

    def read(self, data: bytes) -> None:
        position, end = 0, len(data)
        while position < end:
            match = _TOKEN.match(data, position)
            if match is None:
                position += 1
                continue
            position = match.end()
            if match["word"] == b"bin":
                position += max(0, int(match["number"] or 0))
                continue
            self._token(match)
        self._flush()

    def _token(self, match: re.Match[bytes]) -> None:
        if match["hex"]:
            self._byte(int(match["hex"], 16))
        elif match["text"]:
            self._text(match["text"])
        elif match["word"]:
            self._flush()
            number = int(match["number"]) if match["number"] else None
            self._word(match["word"].decode("ascii"), number)
        elif match["open"]:
            self._flush()
            self.stack.append((self.state, ""))
            self.ignored = 0
        elif match["close"]:
            self._flush()
            self._close()
        elif match["symbol"]:
            self._symbol(match["symbol"])

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.optional = True
        elif symbol in b"\r\n":
            self._flush()
            self._word("par", None)
        elif symbol in _SYMBOLS:
            self._flush()
            self._write(_SYMBOLS[symbol])

    def _byte(self, byte: int) -> None:
        if self.ignored:
            self.ignored -= 1
        else:
            self.pending.append(byte)

    def _text(self, text: bytes) -> None:
        skipped = min(self.ignored, len(text))
        self.ignored -= skipped
        self.pending += text[skipped:]

    def _flush(self) -> None:
        if self.pending:
            data = bytes(self.pending)
            self.pending.clear()
            self._write(data.decode(self.state.encoding, errors="replace"))

    def _write(self, text: str) -> None:
        match self.state.target:
            case "skip":
                return
            case "picture" | "object":
                self.hex.append(text)
            case "fonts":
                return
            case "styles":
                self.style_name.append(text)
            case "author":
                self.author += text
            case "label":
                self.flows[-1].label += text
            case _ if not self.state.hidden:
                self.flows[-1].parts.append(text)

    def _word(self, word: str, number: int | None) -> None:
        optional, self.optional = self.optional, False
        if word in _DESTINATIONS:
            self._enter(_DESTINATIONS[word])
        elif word in _SKIPPED:
            self._set(target="skip")
        elif word == "u" and number is not None:
            self._unicode(number)
        elif word in _CHARACTERS:
            self._write(_CHARACTERS[word])
        elif (
            not self._format(word, number)
            and optional
            and word not in {"shppict", "shptxt", "fldrslt", "shpinst", "result"}
        ):
            self._set(target="skip")

    def _format(self, word: str, number: int | None) -> bool:
        """Apply a control word; return whether it is known."""
        if word in {"par", "sect", "page"}:
            self.flows[-1].end_paragraph(self.styles)
        elif word == "cell":
            self.flows[-1].end_cell()
        elif word == "row":
            self.flows[-1].end_row()
        elif word in _FONT_WORDS:
            self._font_word(word, number)
        elif word in _IMAGES:
            self._set(image=_IMAGES[word])
        elif word in {"v", "plain"}:
            self._set(hidden=word == "v" and number != 0)
        elif word == "uc":
            self._set(skip=number or 0)
        else:
            return self._paragraph_word(word, number)
        return True

    def _paragraph_word(self, word: str, number: int | None) -> bool:
        flow = self.flows[-1]
        match word:
            case "pard":
                flow.reset()
            case "intbl":
                flow.in_table = True
            case "ilvl":
                flow.level = number or 0
            case "outlinelevel":
                flow.outline = (number or 0) + 1
            case "s":
                flow.style = self.style_number = number or 0
            case _:
                return False
        return True

    def _font_word(self, word: str, number: int | None) -> None:
        match word:
            case "ansicpg" if number:
                self.default_encoding = encodings.codec_of(f"cp{number}") or "cp1252"
                self._set(encoding=self.default_encoding)
            case "mac" | "pc" | "pca":
                self.default_encoding = {
                    "mac": "mac_roman",
                    "pc": "cp437",
                    "pca": "cp850",
                }[word]
                self._set(encoding=self.default_encoding)
            case "f" if self.state.target == "fonts":
                self.font = number or 0
            case "fcharset" if number in _CHARSETS and number:
                self.fonts[self.font] = _CHARSETS[number]
            case "cpg" if number and (encoding := encodings.codec_of(f"cp{number}")):
                self.fonts[self.font] = encoding
            case "f":
                self._set(encoding=self.fonts.get(number or 0, self.default_encoding))

    def _unicode(self, number: int) -> None:
        code = number % 65536
        char = chr(code)
        self.ignored = self.state.skip
        if 0xD800 <= code <= 0xDBFF:
            self.high = char
        elif self.high:
            pair = (self.high + char).encode("utf-16", "surrogatepass")
            self.high = ""
            self._write(pair.decode("utf-16", "replace"))
        else:
            self._write(char)

    def _set(self, **values: str | int | bool) -> None:
        self.state = replace(self.state, **values)  # type: ignore[arg-type]

    def _enter(self, target: str) -> None:
        if self.state.target == "skip" or not self.stack:
            return
        self._set(target=target)
        self.stack[-1] = (self.stack[-1][0], target)
        if target in {"note", "comment", "margin"}:
            self.flows.append(Flow())
        self.hex.clear()
        self.style_name.clear()
        if target == "author":
            self.author = ""
        if target == "label":
            self.flows[-1].label = ""

    def _close(self) -> None:
        if not self.stack:
            return
        target = self.state.target
        previous, entered = self.stack.pop()
        if target == "styles" and not entered:
            name = "".join(self.style_name).strip().rstrip(";").lower()
            self.styles.setdefault(self.style_number, name)
            self.style_name.clear()
            self.style_number = 0
        if entered in {"note", "comment", "margin"} and len(self.flows) > 1:
            self._end_flow(entered)
        elif entered == "picture":
            self._picture()
        elif entered == "object":
            self._object()
        self.state = previous
        self.ignored = 0

    def _end_flow(self, kind: str) -> None:
        flow = self.flows.pop()
        flow.end(self.styles)
        text = flow.flat_text()
        images = [block for block in flow.blocks if block.image]
        if kind == "margin":
            if text and text not in self.seen:
                self.seen.add(text)
                self.margins.append(Block(Kind.MARGIN, text))
            self.margins += images
            return
        by = f" by {self.author.strip()}" if self.author.strip() else ""
        label = f"Comment{by}" if kind == "comment" else "Footnote"
        self.author = "" if kind == "comment" else self.author
        if text:
            self.flows[-1].after.append(Block(Kind.NOTE, f"{label}: {text}"))

    def _picture(self) -> None:
        content = _from_hex(self.hex)
        self.hex.clear()
        if content and self.state.image:
            image = Image(content, self.state.image)
            self.flows[-1].after.append(Block(Kind.FIGURE, image=image))

    def _object(self) -> None:
        """Store the file of an OLE package in the attachments."""
        content = _from_hex(self.hex)
        self.hex.clear()
        if (start := content.find(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) >= 0:
            number = len(self.attachments) + 1
            self.attachments += embedded.of_object(
                content[start:], f"object{number}.bin"
            )


def _from_hex(parts: list[str]) -> bytes:
    text = re.sub(r"[^0-9a-fA-F]", "", "".join(parts))
    return codecs.decode(text[: len(text) // 2 * 2].encode(), "hex")
