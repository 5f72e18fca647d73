"""Mails (EML, MBOX, MSG): headers, text, and attachments as documents of their own."""

from __future__ import annotations

import email
import email.policy
import mailbox
import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path

import olefile

from documents.errors import BrokenFile, EncryptedFile
from documents.parsing import block_text, encodings
from documents.parsing.markup import html
from documents.parsing.office import rtf
from documents.parsing.parsed_document import Attachment, Block, Kind, ParsedDocument

HEADERS = ("From", "To", "Cc", "Date", "Subject")
MAX_DEPTH = 10
"""Upper bound on mails inside of mails."""
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_PROTECTED = "application/pkcs7-mime"


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return a mail. Raises BrokenFile, or EncryptedFile. The password is ignored."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    if not message.keys():
        raise BrokenFile(f"'{name}' is not a mail: it has no headers.")
    return block_text.compose(
        _blocks(message, name, 1),
        engine="mail",
        attachments=list(_attachments(message)),
    )


def parse_mailbox(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the mails of a mailbox, one section each. Raises BrokenFile."""
    blocks, attachments = list[Block](), list[Attachment]()
    with closing(mailbox.mbox(str(path), factory=None, create=False)) as box:
        for key in box.iterkeys():
            content = box.get_bytes(key)
            message = email.message_from_bytes(content, policy=email.policy.default)
            blocks += _blocks(message, name, 1)
            attachments += _attachments(message)
    if not blocks:
        raise BrokenFile(f"'{name}' is not a mailbox: it contains no mails.")
    return block_text.compose(blocks, engine="mail", attachments=attachments)


def _blocks(message: Message, name: str, depth: int) -> Iterator[Block]:
    subject = _header(message, "Subject")
    yield Block(Kind.HEADING, subject or "(no subject)", level=min(depth, 6))
    lines = [f"{key}: {value}" for key in HEADERS if (value := _header(message, key))]
    yield Block(Kind.PARAGRAPH, "\n".join(lines))
    if message.get_content_type() == _PROTECTED and "signed" not in str(
        message.get("Content-Type")
    ):
        raise EncryptedFile(
            f"'{name}' is an encrypted mail. Save it without encryption."
        )
    yield from _body(message, name, depth)


def _header(message: Message, key: str) -> str:
    try:
        return block_text.one_line(str(message.get(key) or ""))
    except (ValueError, IndexError, AttributeError, TypeError):
        raw = next((v for k, v in message.raw_items() if k.lower() == key.lower()), "")
        return block_text.one_line(str(raw))


def _body(message: Message, name: str, depth: int) -> Iterator[Block]:
    """Yield the text of a mail, from its HTML only if it has no plain text."""
    parts = list(_leaves(message))
    plain = [part for part in parts if part.get_content_type() == "text/plain"]
    pages = [part for part in parts if part.get_content_type() == "text/html"]
    texts = [block for part in plain for block in _paragraphs(_text(part))]
    yield from texts or [
        b for page in pages for b in html.blocks_of_text(_text(page), name)
    ]
    if depth < MAX_DEPTH:
        for inner in _inner_mails(message):
            yield from _blocks(inner, name, depth + 1)


def _inner_mails(message: Message) -> Iterator[Message]:
    """Yield the mails that a mail contains, without those inside of them."""
    payload = message.get_payload()
    for part in payload if isinstance(payload, list) else []:
        if isinstance(part, Message) and message.get_content_type() == "message/rfc822":
            yield part
        elif isinstance(part, Message):
            yield from _inner_mails(part)


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts of a mail that are shown, without the parts of mails that it contains."""
    if message.get_content_type() == "message/rfc822":
        return
    payload = message.get_payload()
    if isinstance(payload, list):
        for part in payload:
            yield from _leaves(part) if isinstance(part, Message) else ()
    elif not _is_attachment(message):
        yield message


def _is_attachment(part: Message) -> bool:
    shown = part.get_content_type() in {"text/plain", "text/html"}
    return part.get_content_disposition() == "attachment" or not shown


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    data = content if isinstance(content, bytes) else str(content or "").encode()
    charset = encodings.known(part.get_content_charset() or "")
    if charset:
        try:
            return data.decode(charset)
        except (UnicodeDecodeError, ValueError):
            pass
    return encodings.decode(data, declared=True) or data.decode("latin-1")


def _paragraphs(text: str) -> Iterator[Block]:
    for paragraph in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        yield Block(Kind.PARAGRAPH, paragraph)


def _attachments(message: Message) -> Iterator[Attachment]:
    for number, part in enumerate(message.walk()):
        if part.is_multipart() or not _is_attachment(part):
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content:
            yield Attachment(_file_name(part, number), content)


def _file_name(part: Message, number: int) -> str:
    name = part.get_filename() or ""
    suffix = f".{part.get_content_subtype()}"
    return clean_name(name) or f"attachment-{number}{suffix}"


def clean_name(name: str) -> str:
    """Return a name without the characters that a file name must not contain."""
    return _FORBIDDEN.sub("_", block_text.one_line(name)).strip(". ")[-200:]


def parse_msg(path: Path, name: str, *, password: str = "") -> ParsedDocument:
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

    def _properties(self) -> dict[int, bytes]:
        data = self._stream("__properties_version1.0")
        start = 24 if self.prefix else 32
        return {
            struct.unpack_from("<I", data, at)[0]: data[at + 8 : at + 16]
            for at in range(start, len(data) - 15, 16)
        }

    def _code_page(self) -> str:
        value = self._properties().get(0x3FFD0003, b"\xe4\x04\0\0")
        return encodings.known(f"cp{struct.unpack_from('<I', value)[0]}") or "cp1252"

    def _date(self) -> str:
        properties = self._properties()
        value = properties.get(0x00390040) or properties.get(0x0E060040)
        if not value:
            return ""
        ticks = struct.unpack("<Q", value)[0]
        moment = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
        return moment.strftime("%Y-%m-%d %H:%M UTC")

    def _sender(self) -> str:
        name = self._string("0C1A")
        address = self._string("5D01") or self._string("0C1F")
        shown = f" <{address}>" if "@" in address and address != name else ""
        return f"{name}{shown}".strip()

    def blocks(self, name: str, depth: int) -> Iterator[Block]:
        subject = self._string("0037")
        yield Block(Kind.HEADING, subject or "(no subject)", level=min(depth, 6))
        headers = {
            "From": self._sender(),
            "To": self._string("0E04"),
            "Cc": self._string("0E03"),
            "Date": self._date(),
            "Subject": subject,
        }
        lines = [f"{key}: {value}" for key, value in headers.items() if value]
        yield Block(Kind.PARAGRAPH, "\n".join(lines))
        yield from self._body(name)
        for folder in self._folders("__attach"):
            inner = [*self.prefix, folder, "__substg1.0_3701000D"]
            if depth < MAX_DEPTH and self.ole.exists(
                [*inner, "__properties_version1.0"]
            ):
                yield from _OutlookMessage(self.ole, inner).blocks(name, depth + 1)

    def _body(self, name: str) -> Iterator[Block]:
        if text := self._string("1000").strip():
            yield from _paragraphs(text)
            return
        page = self._stream("__substg1.0_10130102") or self._string("1013").encode()
        if page:
            yield from html.blocks(page, name)
        elif compressed := self._stream("__substg1.0_10090102"):
            yield from rtf.blocks(_decompressed(compressed))

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
            if content:
                yield Attachment(clean_name(name) or f"attachment-{number}", content)


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
