"""Queries of stored conversations: a user's own, and those shared by a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from compat_api.models import (
    MAX_TITLE_LENGTH,
    Answer,
    AnswerSource,
    Conversation,
    Turn,
)
from documents.models import Document, Workspace

RESTORE_PERIOD = timedelta(days=7)
"""Time for which a deleted conversation can be restored."""
HEARTBEAT_PERIOD = timedelta(seconds=20)
"""Age at which an answer without a heartbeat was interrupted: its process has ended."""
MAX_LISTED = 200
"""Upper bound on listed conversations; a search finds older ones."""
Values = dict[str, Any]


class ConversationNotFound(LookupError):
    """The conversation does not exist, or is not the user's and not shared."""

    def __init__(self) -> None:
        super().__init__("Conversation not found.")


@dataclass(frozen=True, slots=True)
class Question:
    """A new question, and where its conversation stores the answer.

    A question at the position of an earlier one replaces it and all later ones.
    """

    conversation: UUID
    turn: UUID
    position: int
    answer: UUID
    mode: str
    text: str
    scope: Mapping[str, Any]


def conversations_of(
    workspace: Workspace, user: AbstractBaseUser
) -> QuerySet[Conversation]:
    """Return the user's conversations with this workspace, deleted ones included."""
    return Conversation.objects.filter(workspace=workspace, owner_id=user.pk)


def search(workspace: Workspace, user: AbstractBaseUser, text: str) -> list[Values]:
    """Return the newest conversations whose title, question or answer contains `text`."""
    rows = conversations_of(workspace, user).filter(deleted_at=None)
    if text:
        turns = Turn.objects.filter(conversation=OuterRef("pk")).filter(
            Q(question__icontains=text) | Q(answers__result__done__text__icontains=text)
        )
        rows = rows.filter(Q(title__icontains=text) | Exists(turns))
    return [summary(row) for row in rows.order_by("-updated_at")[:MAX_LISTED]]


def readable(
    conversation_id: UUID, workspace: Workspace, user: AbstractBaseUser
) -> Conversation:
    """Return the user's own or a shared conversation; raise ConversationNotFound."""
    rows = Conversation.objects.filter(workspace=workspace, deleted_at=None)
    allowed = Q(owner_id=user.pk) | Q(is_shared=True)
    return _single(rows.filter(allowed, pk=conversation_id))


def editable(
    conversation_id: UUID, workspace: Workspace, user: AbstractBaseUser
) -> Conversation:
    """Return the user's own conversation, deleted or not; raise ConversationNotFound."""
    return _single(conversations_of(workspace, user).filter(pk=conversation_id))


def _single(rows: QuerySet[Conversation]) -> Conversation:
    conversation = rows.first()
    if conversation is None:
        raise ConversationNotFound
    return conversation


def summary(conversation: Conversation) -> Values:
    """Return the values that the list of conversations shows."""
    return {
        "id": str(conversation.pk),
        "title": conversation.title,
        "updated": conversation.updated_at.isoformat(),
        "shared": conversation.is_shared,
    }


def contents(conversation: Conversation) -> list[Values]:
    """Return the turns with their answers. Three queries."""
    turns = conversation.turns.order_by("position").prefetch_related(
        "answers", "answers__sources"
    )
    return [
        {
            "id": str(turn.pk),
            "question": turn.question,
            "scope": turn.scope,
            "answers": [
                answer_values(answer)
                for answer in sorted(turn.answers.all(), key=lambda row: row.created_at)
            ],
        }
        for turn in turns
    ]


def answer_values(answer: Answer) -> Values:
    """Return an answer: its state, and the lines from which the page shows it."""
    sources = sorted(answer.sources.all(), key=lambda source: source.position)
    references = {"references": [source.reference for source in sources]}
    return {
        "key": str(answer.key),
        "mode": answer.mode,
        "state": current_state(answer),
        "line": {**references, **answer.result},
    }


def current_state(answer: Answer) -> str:
    """Return the state; an answer whose process has ended counts as stopped."""
    expired = timezone.now() - answer.updated_at > HEARTBEAT_PERIOD
    if answer.state == Answer.State.RUNNING and expired:
        return Answer.State.STOPPED
    return answer.state


@transaction.atomic
def add_question(
    workspace: Workspace, user: AbstractBaseUser, question: Question
) -> None:
    """Store a question, and its answer as running; create the conversation if needed.

    Raises ConversationNotFound if the id belongs to another user's conversation.
    """
    scope = dict(question.scope)
    conversation, created = Conversation.objects.get_or_create(
        pk=question.conversation,
        defaults={
            "workspace": workspace,
            "owner_id": user.pk,
            "title": question.text[:MAX_TITLE_LENGTH],
            "scope": scope,
        },
    )
    if not created:
        # Locks the row: the two answers of a comparison add the same turn.
        rows = conversations_of(workspace, user).select_for_update()
        conversation = _single(rows.filter(pk=question.conversation, deleted_at=None))
        conversation.scope = scope
        conversation.updated_at = timezone.now()
        conversation.save(update_fields=["scope", "updated_at"])
    replaced = conversation.turns.filter(position__gte=question.position)
    replaced.exclude(pk=question.turn).delete()
    turn, _ = Turn.objects.get_or_create(
        pk=question.turn,
        conversation=conversation,
        defaults={
            "position": question.position,
            "question": question.text,
            "scope": scope,
        },
    )
    Answer.objects.create(key=question.answer, turn=turn, mode=question.mode)


def save_progress(key: UUID, result: Mapping[str, Any]) -> bool:
    """Store the answer so far; return False if it was stopped or deleted."""
    running = Answer.objects.filter(key=key, state=Answer.State.RUNNING)
    return bool(running.update(result=dict(result), updated_at=timezone.now()))


@transaction.atomic
def finish(
    key: UUID,
    state: Answer.State,
    result: Mapping[str, Any],
    references: Sequence[Mapping[str, Any]],
) -> None:
    """Store the finished answer and its references, unless it was deleted."""
    answer = Answer.objects.select_for_update().filter(key=key).first()
    if answer is None:
        return
    if answer.state == Answer.State.STOPPED:
        state = Answer.State.STOPPED
    answer.state, answer.result, answer.updated_at = state, dict(result), timezone.now()
    answer.save()
    workspace_id = Conversation.objects.values_list("workspace_id", flat=True).get(
        turns__answers=answer
    )
    public_ids = [reference["document_id"] for reference in references]
    documents = Document.objects.filter(
        workspace_id=workspace_id, public_id__in=public_ids
    ).select_for_update(of=("self",), no_key=True)
    ids = dict(documents.order_by("pk").values_list("public_id", "pk"))
    AnswerSource.objects.bulk_create(
        AnswerSource(
            answer=answer,
            document_id=ids[reference["document_id"]],
            position=position,
            reference=dict(reference),
        )
        for position, reference in enumerate(references, 1)
        if reference["document_id"] in ids
    )


def stop(workspace: Workspace, user: AbstractBaseUser, key: UUID) -> None:
    """Mark a running answer of the user as stopped; its task ends within a second."""
    rows = Answer.objects.filter(
        key=key,
        state=Answer.State.RUNNING,
        turn__conversation__in=conversations_of(workspace, user),
    )
    rows.update(state=Answer.State.STOPPED, updated_at=timezone.now())


def delete(conversation: Conversation) -> None:
    """Mark a conversation as deleted, and remove those deleted long ago."""
    now = timezone.now()
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=now)
    Answer.objects.filter(
        turn__conversation=conversation, state=Answer.State.RUNNING
    ).update(state=Answer.State.STOPPED)
    Conversation.objects.filter(deleted_at__lt=now - RESTORE_PERIOD).delete()
