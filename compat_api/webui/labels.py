"""Texts for the status of a document, and advice on how to resolve failures."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents.lifecycle.retry_and_cancel import CANCELLED
from documents.models import Document, Status
from documents.queries import pipeline_status
from documents.workspaces.activity import Activity, ActivityKind
from retrieval.llm.limits import provider_states

STATES: dict[str, Promise] = {
    Status.PENDING: _("Queued"),
    Status.PARSING: _("Parsing"),
    Status.ANALYZING: _("Analyzing"),
    Status.PROCESSING: _("Extracting"),
    Status.PREPROCESSED: _("Extracting"),
    Status.PROCESSED: _("Ready"),
    Status.FAILED: _("Failed"),
}
STOPPED = _("Stopped")
RETRY = _(
    "Then select “Retry”. Chunks that were processed already are not processed again."
)
ADVICE: dict[str, Promise] = {
    "NotConfigured": _("Configure a language model in .env and restart the server."),
    "ProviderDown": _(
        "Check LLM_BINDING_HOST, and check that the provider is running."
    ),
    "Unreachable": _("Check LLM_BINDING_HOST, and check that the provider is running."),
    "ProviderTimeout": _(
        "The provider is slow or overloaded. Wait a while, or increase LLM_TIMEOUT."
    ),
    "RateLimited": _(
        "The provider's rate limit is reached. Wait a while, or decrease MAX_ASYNC."
    ),
    "BadCredentials": _(
        "Set LLM_BINDING_API_KEY to a valid key and restart the server."
    ),
    "RequestRefused": _(
        "Check that LLM_MODEL is the name of a model that the provider has."
    ),
    "ContextTooLong": _(
        "Use a model with a larger context, or set CHUNK_SIZE to a smaller value and "
        "upload the document again."
    ),
    "BadAnswer": _(
        "The model's answer was not in the requested format. Try again, or use a more "
        "capable model."
    ),
    "EmptyAnswer": _(
        "The model's answer was not in the requested format. Try again, or use a more "
        "capable model."
    ),
    "WrongDimensions": _(
        "Set EMBEDDING_DIM to the number of dimensions of the embedding model, and "
        "use a new workspace."
    ),
    "DuplicateContent": _(
        "Another document has the same text. You can delete one of the two."
    ),
    "EmptyDocument": _(
        "If the document is a scan, check the settings OCR and OCR_LANGUAGE."
    ),
    "NotText": _("Save the file as UTF-8 and upload it again."),
    "EncryptedFile": _("Save the file without a password and upload it again."),
    "BrokenFile": _(
        "Open the file in the program that created it, save it and upload it again."
    ),
    "ParserFailed": _(
        "Open the file in the program that created it, save it and upload it again."
    ),
    "ArchiveTooLarge": _("Unpack the archive and upload the files in it."),
    "ServiceFailed": _(
        "Check that the service is running and that its settings are correct."
    ),
    "MissingFile": _("Delete the document and upload it again."),
}
"""Advice by the name of the error class (documents.errors, retrieval.llm.errors)."""
RETRYABLE = frozenset(
    {
        "NotConfigured",
        "ProviderDown",
        "Unreachable",
        "ProviderTimeout",
        "RateLimited",
        "BadAnswer",
        "EmptyAnswer",
        "ServiceFailed",
    }
    | {"BadCredentials", "RequestRefused"}
)
"""Errors that a retry resolves when their cause is removed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a document was not processed, and what the user can do."""

    reason: str
    advice: str = ""


def waiting() -> str:
    """Return why documents are not processed now; "" if nothing is known."""
    states = provider_states.paused()
    if not states:
        return pipeline_status.waiting_reason()
    return " ".join(dict.fromkeys(state.wait_message for state in states))


def state(document: Document, activity: Activity | None = None) -> str | Promise:
    """Return the text of the status badge; `activity` is what a worker is doing now."""
    if activity:
        number, total = activity.number, activity.total
        if activity.kind is ActivityKind.OCR:
            return gettext("OCR page %(page)s of %(pages)s") % {
                "page": number,
                "pages": total,
            }
        return gettext("Describing figure %(number)s of %(total)s") % {
            "number": number,
            "total": total,
        }
    return STOPPED if is_stopped(document) else STATES[document.status]


def is_stopped(document: Document) -> bool:
    """Return True if a user stopped the document. It is stored as a failure."""
    return document.status == Status.FAILED and document.error_msg == CANCELLED


def problem(document: Document) -> Problem | None:
    """Return the problem of the document, or None if there is none."""
    if not document.error_msg:
        return None
    if is_stopped(document):
        reason = gettext("Stopped by a user.")
        return Problem(reason, gettext("Select “Retry” to continue."))
    error_type = document.metadata.get("error_type", "")
    advice = [str(ADVICE[error_type])] if error_type in ADVICE else []
    retry = [str(RETRY)] if error_type in RETRYABLE else []
    return Problem(document.error_msg, " ".join(advice + retry))
