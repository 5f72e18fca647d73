"""Messages of Outlook (MSG): headers, text, and attachments as documents of their own."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import olefile

from documents.errors import BrokenFile
from documents.parsing import block_text, encodings
from documents.parsing.markup import html, mail
from documents.parsing.office import rtf
from documents.parsing.parsed_document import (
    Attachment,
    Block,
    Image,
    Kind,
    ParsedDocument,
)


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return an Outlook message. Raises BrokenFile. The password is ignored."""
    try:
        with olefile.OleFileIO(str(path)) as ole:
            message = _OutlookMessage(ole, ())
            blocks = list(message.blocks(name, 1))
            attachments = list(message.attachments())
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise BrokenFile(f"'{name}' is damaged: {error}.") from error
    return block_text.compose(blocks, engine="msg", attachments=attachments)


class _OutlookMessage:
    """A message in an OLE file; `prefix` is the storage that contains it ([MS-OXMSG])."""

    def __init__(self, ole: olefile.OleFileIO, prefix: Sequence[str]) -> None:
        self.ole = ole
        self.prefix = list(prefix)
        self.code_page = self._code_page()
        self.images = mail.InlineImages(self._images())

    def _stream(self, name: str, folder: Sequence[str] = ()) -> bytes:
        entry = [*self.prefix, *folder, name]
        return (
            bytes(self.ole.openstream(entry).read()) if self.ole.exists(entry) else b""
        )

    def _string(self, tag: str, folder: Sequence[str] = ()) -> str:
        if wide := self._stream(f"__substg1.0_{tag}001F", folder):
            return wide.decode("utf-16-le", "replace").strip("\0")
        narrow = self._stream(f"__substg1.0_{tag}001E", folder).strip(b"\0")
        try:
            return narrow.decode(self.code_page)
        except UnicodeDecodeError:
            return encodings.decode(narrow) or ""

    def _properties(self, folder: Sequence[str] = ()) -> dict[int, bytes]:
        data = self._stream("__properties_version1.0", folder)
        start = 8 if folder else 24 if self.prefix else 32
        return {
            struct.unpack_from("<I", data, at)[0]: data[at + 8 : at + 16]
            for at in range(start, len(data) - 15, 16)
        }

    def _code_page(self) -> str:
        value = self._properties().get(0x3FFD0003, b"\xe4\x04\0\0")
        return encodings.codec_of(f"cp{struct.unpack_from('<I', value)[0]}") or "cp1252"

    def _date(self) -> str:
        properties = self._properties()
        value = properties.get(0x00390040) or properties.get(0x0E060040)
        if not value:
            return ""
        ticks = struct.unpack("<Q", value)[0]
        moment = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
        return moment.strftime("%Y-%m-%d %H:%M UTC")

    def _sender(self) -> str:
        address = self._string("5D01") or self._string("0C1F")
        return _person(self._string("0C1A"), address)

    def _recipients(self, kind: int) -> str:
        """Return the recipients of a kind: 1 for To, 2 for Cc."""
        people = [
            _person(self._string("3001", [folder]), self._string("39FE", [folder]))
            for folder in self._folders("__recip")
            if self._properties([folder]).get(0x0C150003, b"")[:1] == bytes([kind])
        ]
        return "; ".join(filter(None, people))

    def blocks(self, name: str, depth: int) -> Iterator[Block]:
        subject = self._string("0037")
        yield Block(Kind.HEADING, subject or "(no subject)", level=min(depth, 6))
        headers = {
            "From": self._sender(),
            "To": self._recipients(1) or self._string("0E04"),
            "Cc": self._recipients(2) or self._string("0E03"),
            "Date": self._date(),
            "Subject": subject,
        }
        lines = [f"{key}: {value}" for key, value in headers.items() if value]
        yield Block(Kind.PARAGRAPH, "\n".join(lines))
        yield from self._body(name)
        yield from self._hidden_images()
        for folder in self._folders("__attach"):
            inner = [*self.prefix, folder, "__substg1.0_3701000D"]
            if depth < mail.MAX_DEPTH and self.ole.exists(
                [*inner, "__properties_version1.0"]
            ):
                yield from _OutlookMessage(self.ole, inner).blocks(name, depth + 1)

    def _body(self, name: str) -> Iterator[Block]:
        page = html.blocks_of_text(self._page(), name, read=self.images.read)
        if text := self._string("1000").strip():
            yield from mail.paragraphs(text)
            yield from self.images.figures([page])
            return
        blocks = list(page)
        yield from blocks
        if not blocks and (compressed := self._stream("__substg1.0_10090102")):
            yield from rtf.blocks(_decompressed(compressed))

    def _page(self) -> str:
        """Return the HTML; if it does not declare its encoding, the message does."""
        data = self._stream("__substg1.0_10130102")
        if not data:
            return self._string("1013")
        number = self._properties().get(0x3FDE0003, b"\0\0\0\0")
        charset = encodings.codec_of(f"cp{struct.unpack_from('<I', number)[0]}")
        if charset and b"charset" not in data[:4096].lower():
            return data.decode(charset, "replace")
        return encodings.decode(data, declared=True) or data.decode("latin-1")

    def _images(self) -> dict[str, bytes]:
        """Return the images that the HTML may show, by their addresses in it."""
        images = dict[str, bytes]()
        for folder in self._folders("__attach"):
            if content_id := self._string("3712", [folder]).strip("<> "):
                content = self._stream("__substg1.0_37010102", [folder])
                images[f"cid:{content_id}"] = content
        return images

    def _hidden_images(self) -> Iterator[Block]:
        """Yield the images that only the RTF of the message shows, as figures."""
        for folder in self._folders("__attach"):
            content = self._stream("__substg1.0_37010102", [folder])
            is_hidden = self._properties([folder]).get(0x7FFE000B, b"\0")[:1] != b"\0"
            is_image = self._string("370E", [folder]).startswith("image/")
            if content and is_hidden and is_image and content not in self.images.shown:
                self.images.shown.add(content)
                yield Block(Kind.FIGURE, image=Image(content, ""))

    def _folders(self, prefix: str) -> list[str]:
        depth = len(self.prefix)
        names = {
            entry[depth]: None
            for entry in self.ole.listdir(storages=True, streams=False)
            if entry[:depth] == self.prefix and len(entry) > depth
        }
        return sorted(name for name in names if name.startswith(prefix))

    def attachments(self) -> Iterator[Attachment]:
        for number, folder in enumerate(self._folders("__attach"), 1):
            content = self._stream("__substg1.0_37010102", [folder])
            name = self._string("3707", [folder]) or self._string("3704", [folder])
            name = name or self._string("3001", [folder])
            if content and content not in self.images.shown:
                yield Attachment(
                    mail.clean_name(name) or f"attachment-{number}", content
                )


def _person(name: str, address: str) -> str:
    shown = f" <{address}>" if "@" in address and address != name else ""
    return f"{name}{shown}".strip()


_RTF_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern "
    rb"\fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0"
    rb"\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""The initial dictionary of compressed RTF ([MS-OXRTFCP] 2.1.2.1)."""


def _decompressed(data: bytes) -> bytes:
    """Return RTF that Outlook compressed."""
    size, kind = struct.unpack_from("<4xI4s", data)
    if kind == b"MELA":
        return data[16 : 16 + size]
    window = bytearray(_RTF_DICTIONARY.ljust(4096, b"\0"))
    output, at, write = bytearray(), 16, len(_RTF_DICTIONARY)
    while at < len(data):
        flags, at = data[at], at + 1
        for bit in range(8):
            if at >= len(data) or len(output) >= size:
                return bytes(output)
            if not flags >> bit & 1:
                chunk, at = data[at : at + 1], at + 1
            else:
                token, at = struct.unpack_from(">H", data, at)[0], at + 2
                offset, length = token >> 4, (token & 0xF) + 2
                if offset == write % 4096:
                    return bytes(output)
                chunk = b""
                for step in range(length):
                    byte = window[(offset + step) % 4096]
                    window[write % 4096] = byte
                    write += 1
                    output.append(byte)
                continue
            window[write % 4096] = chunk[0]
            write += 1
            output += chunk
    return bytes(output)
