"""Mails (EML, MBOX, MHT): headers, text, and attachments as documents of their own."""

from __future__ import annotations

import email
import email.policy
import itertools
import mailbox
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from email.message import Message
from pathlib import Path
from urllib.parse import unquote

from documents.errors import BrokenFile, EncryptedFile
from documents.parsing import block_text, data_uris, encodings
from documents.parsing.markup import html
from documents.parsing.office.drawings import MAX_IMAGE_BYTES
from documents.parsing.parsed_document import (
    Attachment,
    Block,
    Kind,
    ParsedDocument,
)

HEADERS = ("From", "To", "Cc", "Date", "Subject")
MAX_DEPTH = 10
"""Upper bound on mails inside of mails."""
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_PROTECTED = "application/pkcs7-mime"


class InlineImages:
    """The images of a mail that its HTML shows. They are figures, not attachments."""

    def __init__(self, images: Mapping[str, bytes]) -> None:
        self.images = images
        self.shown = set[bytes]()

    def read(self, address: str) -> bytes:
        """Return the image at an address in the HTML; no bytes if it is not in the mail."""
        content = self.images.get(unquote(address).strip())
        if content is None:
            return data_uris.content(address)
        self.shown.add(content)
        return content if len(content) <= MAX_IMAGE_BYTES else b""

    def figures(self, pages: Iterable[Iterable[Block]]) -> Iterator[Block]:
        """Yield the figures of pages whose text is also in the mail as plain text."""
        for page in pages if self.images else ():
            yield from (block for block in page if block.image)


def parse(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return a mail. Raises BrokenFile, or EncryptedFile. The password is ignored."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    if not message.keys():
        raise BrokenFile(f"'{name}' is not a mail: it has no headers.")
    images = _inline_images(message)
    blocks = list(_blocks(message, name, 1, images))
    return block_text.compose(
        blocks, engine="mail", attachments=list(_attachments(message, images))
    )


def parse_mailbox(path: Path, name: str, *, password: str = "") -> ParsedDocument:
    """Return the mails of a mailbox, one section each. Raises BrokenFile."""
    blocks, attachments = list[Block](), list[Attachment]()
    with closing(mailbox.mbox(str(path), factory=None, create=False)) as box:
        for key in box.iterkeys():
            content = box.get_bytes(key)
            message = email.message_from_bytes(content, policy=email.policy.default)
            images = _inline_images(message)
            blocks += _blocks(message, name, 1, images)
            attachments += _attachments(message, images)
    if not blocks:
        raise BrokenFile(f"'{name}' is not a mailbox: it contains no mails.")
    return block_text.compose(blocks, engine="mail", attachments=attachments)


def _inline_images(message: Message) -> InlineImages:
    """Return the images of a mail by the addresses that its HTML may use."""
    images = dict[str, bytes]()
    for part in message.walk():
        if part.get_content_maintype() != "image":
            continue
        content = part.get_payload(decode=True)
        content_id = _header(part, "Content-ID").strip("<> ")
        addresses = [f"cid:{content_id}"] if content_id else []
        addresses += filter(None, [_header(part, "Content-Location")])
        if isinstance(content, bytes) and content:
            images |= dict.fromkeys(addresses, content)
    return InlineImages(images)


def _blocks(
    message: Message, name: str, depth: int, images: InlineImages
) -> Iterator[Block]:
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
    yield from _body(message, name, depth, images)


def _header(message: Message, key: str) -> str:
    try:
        return block_text.one_line(str(message.get(key) or ""))
    except (ValueError, IndexError, AttributeError, TypeError):
        raw = next((v for k, v in message.raw_items() if k.lower() == key.lower()), "")
        return block_text.one_line(str(raw))


def _body(
    message: Message, name: str, depth: int, images: InlineImages
) -> Iterator[Block]:
    """Yield the text of a mail, from its HTML only if it has no plain text."""
    parts = list(_leaves(message))
    plain = [part for part in parts if part.get_content_type() == "text/plain"]
    html_parts = [part for part in parts if part.get_content_type() == "text/html"]
    pages = [
        html.blocks_of_text(_text(part), name, read=images.read) for part in html_parts
    ]
    texts = [block for part in plain for block in paragraphs(_text(part))]
    yield from texts
    yield from images.figures(pages) if texts else itertools.chain(*pages)
    if depth < MAX_DEPTH:
        for inner in _inner_mails(message):
            yield from _blocks(inner, name, depth + 1, images)


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
    charset = encodings.codec_of(part.get_content_charset() or "")
    if charset:
        try:
            return data.decode(charset)
        except (UnicodeDecodeError, ValueError):
            pass
    return encodings.decode(data, declared=True) or data.decode("latin-1")


def paragraphs(text: str) -> Iterator[Block]:
    """Yield the paragraphs of plain text."""
    for paragraph in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        yield Block(Kind.PARAGRAPH, paragraph)


def _attachments(message: Message, images: InlineImages) -> Iterator[Attachment]:
    for number, part in enumerate(message.walk()):
        if part.is_multipart() or not _is_attachment(part):
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content and content not in images.shown:
            yield Attachment(_file_name(part, number), content)


def _file_name(part: Message, number: int) -> str:
    name = part.get_filename() or ""
    suffix = f".{part.get_content_subtype()}"
    return clean_name(name) or f"attachment-{number}{suffix}"


def clean_name(name: str) -> str:
    """Return a name without the characters that a file name must not contain."""
    return _FORBIDDEN.sub("_", block_text.one_line(name)).strip(". ")[-200:]
