"""What can be wrong with a document somebody hands in.

DocumentError
├── RefusedName              the name can't be used
│   ├── UnsafeName           it would leave its folder
│   ├── BadHint              the `.[hint]` before its suffix can't be read
│   ├── MissingName          a text without a source
│   └── RepeatedName         two texts of one request under one name
├── NameTaken                a document of that name is already there
├── AtCapacity               too many documents wait already
├── UnknownDocument          there is no document of that id
├── UnsupportedType          no parser reads this suffix
│   └── MismatchedType       the content is not what the suffix says
├── TooLarge                 over the size limit
├── BadChunking              chunking options that can't be used
├── BadTags                  tags that can't be used
└── Unreadable               the file was taken, but no text comes out of it
    ├── MissingFile          it was stored, and is gone
    ├── EmptyDocument
    ├── NotText
    ├── EncryptedFile
    └── BrokenFile
        ├── ExplodingArchive a small archive that unpacks to a huge one
        └── ParserFailed     the parser crashed or took too long
"""

from __future__ import annotations


class DocumentError(Exception):
    """The document cannot be taken."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.__doc__)


class RefusedName(DocumentError):
    """Invalid filename"""


class UnsafeName(RefusedName):
    """Unsafe filename detected"""


class BadHint(RefusedName):
    """Invalid filename parser hint"""


class MissingName(RefusedName):
    """A valid file_source is required for text insertion"""


class RepeatedName(RefusedName):
    """file_sources must be unique by filename"""


class NameTaken(DocumentError):
    """A document of this name already exists."""


class AtCapacity(DocumentError):
    """More documents wait than MAX_PENDING_DOCUMENTS allows; try again later."""

    retry_after = 30
    """Seconds, as upstream tells them."""

    def __init__(self, active: int, requested: int, capacity: int) -> None:
        super().__init__(
            f"Pipeline is at capacity: {active} document(s) already active or reserved, "
            f"{requested} requested, capacity {capacity}. Retry once documents finish "
            "processing."
        )


class UnknownDocument(DocumentError):
    """There is no such document."""


class UnsupportedType(DocumentError):
    """Unsupported file type."""


class MismatchedType(UnsupportedType):
    """The file's content is not what its name says."""


class TooLarge(DocumentError):
    """The file is larger than MAX_UPLOAD_SIZE allows."""


class Unreadable(DocumentError):
    """No text could be read from the file."""


class MissingFile(Unreadable):
    """The stored file is gone. Delete the document and upload it again."""


class EmptyDocument(Unreadable):
    """The document holds no text. If it is a scan, run it through OCR first."""


class NotText(Unreadable):
    """The file is not text in any encoding we know. Save it as UTF-8."""


class EncryptedFile(Unreadable):
    """The file is encrypted. Set PDF_DECRYPT_PASSWORD or upload it without a password."""


class BrokenFile(Unreadable):
    """The file is damaged and could not be read. Open it, save it anew and upload that."""


class ExplodingArchive(BrokenFile):
    """The file unpacks to more than is allowed."""


class ParserFailed(BrokenFile):
    """The parser failed on this file."""


class BadChunking(DocumentError):
    """Invalid chunking configuration"""


class BadTags(DocumentError):
    """Tags are up to 64 printable characters without a comma, 32 a document at most."""
