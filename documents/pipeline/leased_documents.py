"""The documents that one worker has in hand: which it takes on, and which it lets go."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from documents.models import Document, Workspace, chunk_public_id
from documents.pipeline import leases, transitions
from documents.pipeline.job_executor import Crew
from documents.pipeline.steps.extract import ChunkFailed

ASKED_ABOUT = 64
"""Documents that models are asked about at once, shared out among the workspaces it has
documents of. Those that wait to be merged do not count: the models go on meanwhile."""
AT_MOST = 256
"""Of all, so that a graph that is written too slowly holds the models up in the end."""
SMALLEST_SHARE = 2
CLAIM_EVERY = 0.5
"""Seconds, while half of what it may ask about is in hand: not a few each time one ends."""


class InHand:
    """Documents by id, and how many were ever taken on."""

    def __init__(self, owner: str, only: int | None, crew: Crew) -> None:
        self.owner = owner
        self.only = only
        self.crew = crew
        self.documents: dict[int, Document] = {}
        self.asked_about: set[int] = set()
        self.claimed = -math.inf
        self.handled = 0
        self.worked_in: set[int] = set()

    def take(self) -> list[Document]:
        """Claim more while there is room, of each workspace its share."""
        if len(self.documents) >= AT_MOST or not self.is_time():
            return []
        self.claimed = time.monotonic()
        asked = [self.documents[pk] for pk in self.asked_about]
        held = Counter(document.workspace_id for document in asked)
        share = max(ASKED_ABOUT // max(len(held), 1), SMALLEST_SHARE)
        full = {workspace: share for workspace in held if self.crew.is_full(workspace)}
        claimed = leases.claim(self.owner, share, held | full, self.only)
        self.documents |= {document.pk: document for document in claimed}
        self.asked_about |= {document.pk for document in claimed}
        self.handled += len(claimed)
        self.worked_in |= {document.workspace_id for document in claimed}
        return claimed

    def is_time(self) -> bool:
        """Whether it has little left, or has not looked for more for a while."""
        little = len(self.asked_about) < ASKED_ABOUT // 2
        return little or time.monotonic() - self.claimed > CLAIM_EVERY

    def of(self, document_ids: Collection[int]) -> list[Document]:
        """Those of the documents that are still in hand."""
        return [self.documents[pk] for pk in document_ids if pk in self.documents]

    def forget(self, document_id: int) -> None:
        """It is done with, or somebody else's: nothing more is begun for it."""
        self.documents.pop(document_id, None)
        self.asked_about.discard(document_id)
        self.crew.drop(document_id)

    def fail(
        self, document_id: int, error: BaseException, stage: str = "processing"
    ) -> None:
        """Call it failed and let it go, if it is still in hand."""
        document = self.documents.get(document_id)
        if document is not None:
            transitions.fail(
                document,
                message_of(document, error),
                error_type=type(getattr(error, "cause", error)).__name__,
                error_stage=stage,
            )
            self.forget(document_id)

    def unwanted(self) -> set[int]:
        """Those that a person cancelled or deleted, or another worker took over."""
        return set(self.documents) - leases.still_wanted(
            self.owner, list(self.documents)
        )

    def has_lost_a_workspace(self) -> bool:
        """Whether one was deleted in mid-work."""
        held = {document.workspace_id for document in self.documents.values()}
        return Workspace.objects.filter(pk__in=held).count() < len(held)


def by_workspace(
    documents: Sequence[Document],
) -> Iterator[tuple[int, list[Document]]]:
    """The documents of each workspace, in order."""
    found: dict[int, list[Document]] = defaultdict(list)
    for document in documents:
        found[document.workspace_id].append(document)
    yield from found.items()


def message_of(document: Document, error: BaseException) -> str:
    """Upstream's form for a chunk's failure: `C[2/7]: doc-…-chunk-001: why`."""
    if not isinstance(error, ChunkFailed):
        return str(error) or type(error).__name__
    name = chunk_public_id(document.public_id, error.order)
    count = document.chunks_count
    return f"C[{error.order + 1}/{count}]: {name}: {error.cause}"
