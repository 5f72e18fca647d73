"""Errors about documents.

The default message of an error is its `default_message` if set, otherwise its docstring.

DocumentError
├── InvalidName              the name is not allowed
│   ├── UnsafeName           the name contains a path
│   ├── InvalidHint          the `.[hint]` before the suffix is invalid
│   ├── MissingName          a text without a source
│   └── RepeatedName         two texts of one request have the same name
├── NameTaken                a document of that name exists
├── AtCapacity               too many documents are unfinished
├── UnknownDocument          no document has that id
├── UnsupportedType          no parser supports the suffix
│   └── MismatchedType       the content does not match the suffix
├── TooLarge                 the file exceeds the size limit
├── InvalidChunking          invalid chunking options
├── InvalidTags              invalid tags
└── Unreadable               the file was stored, but no text can be extracted
    ├── MissingFile          the stored file no longer exists
    ├── EmptyDocument
    ├── NotText
    ├── EncryptedFile
    ├── TooMuchText          the text exceeds MAX_DOCUMENT_CHARACTERS
    ├── TooManyChunks        the chunks exceed MAX_DOCUMENT_CHUNKS
    ├── ServiceFailed        a parser that is a service failed or can't be reached
    └── BrokenFile
        ├── ArchiveTooLarge a small archive that unpacks to a huge one
        └── ParserFailed     the parser crashed or took too long
"""

from __future__ import annotations


class DocumentError(Exception):
    """The document can't be accepted."""

    default_message = ""
    """LightRAG's message, if clients rely on it."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.default_message or self.__doc__)


class InvalidName(DocumentError):
    """The file name is invalid."""

    default_message = "Invalid filename"


class UnsafeName(InvalidName):
    """The file name contains a path."""

    default_message = "Unsafe filename detected"


class InvalidHint(InvalidName):
    """The hint in the file name is invalid."""

    default_message = "Invalid filename parser hint"


class MissingName(InvalidName):
    """The text has no source."""

    default_message = "A valid file_source is required for text insertion"


class RepeatedName(InvalidName):
    """Two texts of one request have the same name."""

    default_message = "file_sources must be unique by filename"


class NameTaken(DocumentError):
    """A document of this name already exists."""


class AtCapacity(DocumentError):
    """Too many unfinished documents (MAX_PENDING_DOCUMENTS); try again later."""

    retry_after = 30
    """Seconds, as in LightRAG."""

    def __init__(self, active: int, requested: int, capacity: int) -> None:
        super().__init__(
            f"Pipeline is at capacity: {active} document(s) already active or reserved, "
            f"{requested} requested, capacity {capacity}. Retry once documents finish "
            "processing."
        )


class UnknownDocument(DocumentError):
    """Document not found."""


class UnsupportedType(DocumentError):
    """Unsupported file type."""


class MismatchedType(UnsupportedType):
    """The content of the file does not match its suffix."""


class TooLarge(DocumentError):
    """The file exceeds MAX_UPLOAD_SIZE."""


class Unreadable(DocumentError):
    """No text could be extracted from the file."""


class MissingFile(Unreadable):
    """The stored file no longer exists. Delete the document and upload it again."""


class EmptyDocument(Unreadable):
    """The document contains no text, and OCR found none."""


class NotText(Unreadable):
    """The text encoding of the file could not be detected. Save it as UTF-8."""


class EncryptedFile(Unreadable):
    """The file is encrypted. Set PDF_DECRYPT_PASSWORD or upload it without a password."""


class TooMuchText(Unreadable):
    """The text of the document exceeds MAX_DOCUMENT_CHARACTERS."""


class TooManyChunks(Unreadable):
    """The document has more chunks than MAX_DOCUMENT_CHUNKS."""


class ServiceFailed(Unreadable):
    """The service that parses the file failed."""


class BrokenFile(Unreadable):
    """The file is damaged. Save it again in its application and upload the copy."""


class ArchiveTooLarge(BrokenFile):
    """The unpacked size of the file exceeds the limit."""


class ParserFailed(BrokenFile):
    """The parser failed on this file."""


class InvalidChunking(DocumentError):
    """The chunking options are invalid."""

    default_message = "Invalid chunking configuration"


class InvalidTags(DocumentError):
    """A tag has at most 64 printable characters and no comma; a document at most 32 tags."""
