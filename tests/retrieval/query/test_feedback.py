from __future__ import annotations

from uuid import uuid4

from documents.models import Workspace
from retrieval.models import Feedback
from retrieval.query import feedback
from retrieval.query.feedback import RatedAnswer

ANSWER = RatedAnswer(uuid4(), "Who was Ada?", "mix", "A writer of notes [1].")


def test_a_second_verdict_replaces_the_first(workspace: Workspace) -> None:
    feedback.save(workspace, "bob", ANSWER, Feedback.Verdict.GOOD)
    feedback.save(workspace, "bob", ANSWER, Feedback.Verdict.BAD, "She wrote more.")
    verdict = Feedback.objects.get()
    assert (verdict.verdict, verdict.comment) == ("bad", "She wrote more.")


def test_each_user_has_a_verdict(workspace: Workspace) -> None:
    feedback.save(workspace, "bob", ANSWER, Feedback.Verdict.GOOD)
    feedback.save(workspace, "eve", ANSWER, Feedback.Verdict.BAD)
    feedback.delete(workspace, "eve", ANSWER.key)
    assert list(Feedback.objects.values_list("author", "verdict")) == [("bob", "good")]
