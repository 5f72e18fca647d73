"""What the pages call a document's state, and what to do about what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents.lifecycle.retry_and_cancel import CANCELLED
from documents.models import Document, Status

STATES: dict[str, Promise] = {
    Status.PENDING: _("Waiting"),
    Status.PARSING: _("Reading"),
    Status.ANALYZING: _("Analysing"),
    Status.PROCESSING: _("Understanding"),
    Status.PREPROCESSED: _("Understanding"),
    Status.PROCESSED: _("Ready"),
    Status.FAILED: _("Failed"),
}
STOPPED = _("Stopped")
AGAIN = _("Then press Retry: passages that were understood are not paid for again.")
ADVICE: dict[str, Promise] = {
    "NotConfigured": _("Set a language model in .env and start the server again."),
    "ProviderDown": _(
        "Look whether LLM_BINDING_HOST is right and the provider is running."
    ),
    "ProviderTimeout": _(
        "The provider is slow or overloaded: wait a while, or raise LLM_TIMEOUT."
    ),
    "RateLimited": _(
        "The provider allows no more for now: wait a while, or lower MAX_ASYNC."
    ),
    "BadCredentials": _(
        "Put a valid key into LLM_BINDING_API_KEY and start the server again."
    ),
    "RequestRefused": _("Look whether LLM_MODEL names a model that the provider has."),
    "ContextTooLong": _(
        "Choose a model that reads more, or upload it again with smaller passages "
        "(CHUNK_SIZE)."
    ),
    "BadAnswer": _(
        "The model did not answer in the form it was asked for. Another try often "
        "helps, a stronger model nearly always."
    ),
    "WrongDimensions": _(
        "Set EMBEDDING_DIM to what the embedding model makes, in a new workspace."
    ),
    "DuplicateContent": _("It holds the same text: one of the two can be deleted."),
    "EmptyDocument": _("If it is a scan, run it through OCR and upload it again."),
    "NotText": _("Save it as UTF-8 and upload it again."),
    "EncryptedFile": _("Save it without a password and upload it again."),
    "BrokenFile": _("Open it in the program it comes from, save it and upload that."),
    "ParserFailed": _("Open it in the program it comes from, save it and upload that."),
    "ExplodingArchive": _("Unpack it and upload what is in it."),
    "MissingFile": _("Delete the document and upload it again."),
}
"""By the name of the error (documents.errors, retrieval.llm.errors)."""
TRIED_AGAIN = frozenset(
    {"NotConfigured", "ProviderDown", "ProviderTimeout", "RateLimited", "BadAnswer"}
    | {"BadCredentials", "RequestRefused"}
)
"""What a retry may mend once its cause is gone."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, in the words of who noticed it, and what to do about it."""

    reason: str
    advice: str = ""


def state(document: Document) -> str | Promise:
    """What stands in its badge."""
    return STOPPED if stopped(document) else STATES[document.status]


def stopped(document: Document) -> bool:
    """Whether a person stopped it, which is no failure."""
    return document.status == Status.FAILED and document.error_msg == CANCELLED


def trouble(document: Document) -> Trouble | None:
    """None where nothing is wrong."""
    if not document.error_msg:
        return None
    if stopped(document):
        reason = gettext("Somebody stopped it.")
        return Trouble(reason, gettext("Retry goes on where it stopped."))
    kind = document.metadata.get("error_type", "")
    advice = [str(ADVICE[kind])] if kind in ADVICE else []
    again = [str(AGAIN)] if kind in TRIED_AGAIN else []
    return Trouble(document.error_msg, " ".join(advice + again))
