"""Thumbs up and down for an answer of the chat, kept for evaluation."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.chat.retrieval_fields import MAX_TEXT, ModeName
from compat_api.webui import permissions, selected_workspace
from retrieval.models import Feedback
from retrieval.query import feedback
from retrieval.query.feedback import Judged

ChunkId = Annotated[str, Field(max_length=128, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Field(max_length=MAX_TEXT, pattern=r"^[^\x00]*$")]


class File(Schema):
    """A reference of the answer."""

    reference_id: str = Field(max_length=16, pattern=r"^\d*$")
    file_path: str = Field(max_length=1024, pattern=r"^[^\x00]*$")
    document_id: str = Field(max_length=128, pattern=r"^[^\x00]*$")


class Thumb(Schema):
    """A verdict on an answer; an empty one takes back what was said."""

    key: UUID
    verdict: Literal["good", "bad", ""]
    comment: Text = Field("", max_length=4000)
    question: Text
    mode: ModeName
    answer: Text
    references: list[File] = Field([], max_length=1000)
    cited_chunks: list[ChunkId] = Field([], max_length=1000)
    read_chunks: list[ChunkId] = Field([], max_length=1000)

    def judged(self) -> Judged:
        """The answer, for the table."""
        return Judged(
            self.key,
            self.question,
            self.mode,
            self.answer,
            [one.model_dump() for one in self.references],
            self.cited_chunks,
            self.read_chunks,
        )


@require_POST
@permissions.needs("documents.view_document")
def give(request: HttpRequest) -> HttpResponse:
    """Whoever may ask may judge; the second verdict on an answer replaces the first."""
    body = Thumb.model_validate_json(request.body)
    workspace, author = (
        selected_workspace.workspace(request),
        request.user.get_username(),
    )
    if body.verdict:
        verdict = Feedback.Verdict(body.verdict)
        feedback.give(workspace, author, body.judged(), verdict, body.comment)
    else:
        feedback.take_back(workspace, author, body.key)
    return JsonResponse({"verdict": body.verdict})
