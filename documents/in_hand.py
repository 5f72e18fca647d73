"""The documents that one worker has in hand: which it takes on, and which it lets go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from documents import claims
from documents.crew import Crew
from documents.models import Document, Workspace

ASKED_ABOUT = 64
"""Documents that models are asked about at once, shared out among the workspaces it has
documents of. Those that wait to be merged do not count: the models go on meanwhile."""
AT_MOST = 256
"""Of all, so that a graph that is written too slowly holds the models up in the end."""
SMALLEST_SHARE = 2


class InHand:
    """Documents by id, and how many were ever taken on."""

    def __init__(self, owner: str, only: int | None) -> None:
        self.owner = owner
        self.only = only
        self.documents: dict[int, Document] = {}
        self.asked_about: set[int] = set()
        self.handled = 0
        self.worked_in: set[int] = set()

    def take(self, crew: Crew) -> list[Document]:
        """Claim more while there is room, of each workspace its share."""
        if len(self.documents) >= AT_MOST:
            return []
        asked = [self.documents[pk] for pk in self.asked_about]
        held = Counter(document.workspace_id for document in asked)
        share = max(ASKED_ABOUT // max(len(held), 1), SMALLEST_SHARE)
        full = {workspace: share for workspace in held if crew.is_full(workspace)}
        claimed = claims.claim(self.owner, share, held | full, self.only)
        self.documents |= {document.pk: document for document in claimed}
        self.asked_about |= {document.pk for document in claimed}
        self.handled += len(claimed)
        self.worked_in |= {document.workspace_id for document in claimed}
        return claimed

    def of(self, document_ids: Collection[int]) -> list[Document]:
        """Those of the documents that are still in hand."""
        return [self.documents[pk] for pk in document_ids if pk in self.documents]

    def forget(self, document_id: int) -> None:
        """It is done with, or somebody else's."""
        self.documents.pop(document_id, None)
        self.asked_about.discard(document_id)

    def unwanted(self) -> set[int]:
        """Those that a person cancelled or deleted, or another worker took over."""
        return set(self.documents) - claims.still_wanted(
            self.owner, list(self.documents)
        )

    def has_lost_a_workspace(self) -> bool:
        """Whether one was deleted in mid-work."""
        held = {document.workspace_id for document in self.documents.values()}
        return Workspace.objects.filter(pk__in=held).count() < len(held)
