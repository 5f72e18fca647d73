"""Feedback on answers of the chat, stored for evaluation."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.webui import permissions, selected_workspace
from retrieval.models import Feedback
from retrieval.query import feedback
from retrieval.query.feedback import RatedAnswer
from retrieval.search.params import MAX_QUESTION_CHARS, ModeName

ChunkId = Annotated[str, Field(max_length=128, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Field(max_length=MAX_QUESTION_CHARS, pattern=r"^[^\x00]*$")]


class ReferenceFields(Schema):
    """A reference of the answer."""

    reference_id: str = Field(max_length=16, pattern=r"^\d*$")
    file_path: str = Field(max_length=1024, pattern=r"^[^\x00]*$")
    document_id: str = Field(max_length=128, pattern=r"^[^\x00]*$")


class FeedbackRequest(Schema):
    """A verdict on an answer. An empty verdict withdraws the previous one."""

    key: UUID
    verdict: Literal["good", "bad", ""]
    comment: Text = Field("", max_length=4000)
    question: Text
    mode: ModeName
    answer: Text
    references: list[ReferenceFields] = Field([], max_length=1000)
    cited_chunks: list[ChunkId] = Field([], max_length=1000)
    context_chunks: list[ChunkId] = Field([], max_length=1000)

    def rated_answer(self) -> RatedAnswer:
        """Return the answer in the form in which it is stored."""
        return RatedAnswer(
            self.key,
            self.question,
            self.mode,
            self.answer,
            [reference.model_dump() for reference in self.references],
            self.cited_chunks,
            self.context_chunks,
        )


@require_POST
@permissions.needs("documents.view_document")
def give(request: HttpRequest) -> HttpResponse:
    """Store the verdict. It replaces the caller's previous verdict on the answer."""
    body = FeedbackRequest.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    author = request.user.get_username()
    if body.verdict:
        verdict = Feedback.Verdict(body.verdict)
        feedback.save(workspace, author, body.rated_answer(), verdict, body.comment)
    else:
        feedback.delete(workspace, author, body.key)
    return JsonResponse({"verdict": body.verdict})
