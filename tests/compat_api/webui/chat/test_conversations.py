"""Stored conversations: access, changes, and export."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import AsyncClient, Client

from compat_api.conversations import running_answers, store
from compat_api.models import Answer, AnswerSource, Conversation
from documents.lifecycle import document_deletion
from documents.models import Document, Workspace
from documents.pipeline import pipeline
from tests.documents.pipeline.test_pipeline import add

pytestmark = pytest.mark.usefixtures("closed")


def user(name: str) -> User:
    return User.objects.create_superuser(name)


@pytest.fixture
def ada(own_workspace: Workspace) -> User:
    return user("ada")


@pytest.fixture
def documents(own_workspace: Workspace) -> None:
    add(
        own_workspace,
        "Ada Lovelace wrote notes. Babbage built engines.",
        name="ada.txt",
    )
    pipeline.work(own_workspace.pk)


def pages_of(user: User) -> Client:
    client = Client(headers={"X-Page-Script": "1"})
    client.force_login(user)
    return client


def stored_turn(**values: Any) -> dict[str, Any]:
    ids = {name: str(uuid4()) for name in ("conversation", "turn", "answer")}
    return {"position": 0, **ids, **values}


def ask(
    user: User, question: str, stored_turn: dict[str, Any], **fields: Any
) -> list[dict[str, Any]]:
    """Ask as the page does, and return the lines of the response."""
    client = AsyncClient(headers={"X-Page-Script": "1"})
    client.force_login(user)
    body = {"query": question, "mode": "naive", "stored_turn": stored_turn, **fields}

    async def read() -> bytes:
        response: Any = await client.post(
            "/webui/chat/ask", json.dumps(body), content_type="application/json"
        )
        assert response.status_code == 200, response.content
        answer = b"".join([part async for part in response])
        await running_answers.wait_for_all()
        return answer

    return [json.loads(line) for line in async_to_sync(read)().splitlines()]


def contents(client: Client, conversation: str) -> dict[str, Any]:
    response = client.get(f"/webui/chat/{conversation}/contents")
    assert response.status_code == 200, response.content
    values: dict[str, Any] = response.json()
    return values


def change(client: Client, conversation: str, **fields: Any) -> int:
    url = f"/webui/chat/{conversation}/change"
    return client.post(url, fields, content_type="application/json").status_code


def titles(client: Client, text: str = "") -> list[str]:
    response = client.get("/webui/chat/conversations", {"q": text})
    return [row["title"] for row in response.json()["conversations"]]


def test_an_answer_is_stored_with_its_sources(ada: User, documents: None) -> None:
    ids = stored_turn()
    lines = ask(ada, "Who wrote notes?", ids)
    (turn,) = contents(pages_of(ada), ids["conversation"])["turns"]
    (answer,) = turn["answers"]
    assert turn["question"] == "Who wrote notes?"
    assert answer["state"] == "complete"
    assert answer["line"]["done"] == lines[-1]["done"]
    references = next(line["references"] for line in lines if "references" in line)
    assert references
    assert answer["line"]["references"] == references


def test_deleting_a_document_deletes_the_stored_text_of_it(
    ada: User, documents: None, own_workspace: Workspace
) -> None:
    turn_ids = stored_turn()
    ask(ada, "Who wrote notes?", turn_ids)
    assert AnswerSource.objects.exists()
    public_ids = list(Document.objects.values_list("public_id", flat=True))
    document_deletion.delete_documents(own_workspace, public_ids)
    assert not AnswerSource.objects.exists()
    (turn,) = contents(pages_of(ada), turn_ids["conversation"])["turns"]
    assert turn["answers"][0]["line"]["references"] == []


def test_conversations_are_private_until_they_are_shared(
    ada: User, documents: None
) -> None:
    turn_ids = stored_turn()
    ask(ada, "Who wrote notes?", turn_ids)
    bob = pages_of(user("bob"))
    url = f"/webui/chat/{turn_ids['conversation']}/contents"
    assert bob.get(url).status_code == 404
    assert change(bob, turn_ids["conversation"], title="mine") == 404
    assert change(pages_of(ada), turn_ids["conversation"], shared=True) == 200
    assert contents(bob, turn_ids["conversation"])["own"] is False
    assert titles(bob) == []
    assert change(bob, turn_ids["conversation"], title="mine") == 404


def test_a_user_cannot_continue_the_conversation_of_another_user(
    ada: User, documents: None, own_workspace: Workspace
) -> None:
    turn_ids = stored_turn()
    ask(ada, "Who wrote notes?", turn_ids)
    bob = pages_of(user("bob"))
    body = {
        "query": "And then?",
        "mode": "naive",
        "stored_turn": stored_turn(conversation=turn_ids["conversation"]),
    }
    response = bob.post("/webui/chat/ask", body, content_type="application/json")
    assert response.status_code == 404
    assert Conversation.objects.get().turns.count() == 1


def test_a_deleted_conversation_can_be_restored(ada: User, documents: None) -> None:
    turn_ids = stored_turn()
    ask(ada, "Who wrote notes?", turn_ids)
    client = pages_of(ada)
    assert change(client, turn_ids["conversation"], deleted=True) == 200
    assert titles(client) == []
    assert change(client, turn_ids["conversation"], deleted=False) == 200
    assert titles(client) == ["Who wrote notes?"]


def test_conversations_are_renamed_and_found_by_title_and_text(
    ada: User, documents: None
) -> None:
    first, second = stored_turn(), stored_turn()
    ask(ada, "Who wrote notes?", first)
    ask(ada, "What did Babbage build?", second)
    client = pages_of(ada)
    assert titles(client) == ["What did Babbage build?", "Who wrote notes?"]
    assert change(client, first["conversation"], title="Analytical Engine") == 200
    assert titles(client, "analytical") == ["Analytical Engine"]
    assert titles(client, "babbage build") == ["What did Babbage build?"]


def test_an_edited_question_replaces_the_later_turns(
    ada: User, documents: None
) -> None:
    first = stored_turn()
    conversation = first["conversation"]
    ask(ada, "Who wrote notes?", first)
    ask(ada, "And when?", stored_turn(conversation=conversation, position=1))
    ask(ada, "Who built engines?", stored_turn(conversation=conversation, position=0))
    turns = contents(pages_of(ada), conversation)["turns"]
    assert [turn["question"] for turn in turns] == ["Who built engines?"]


def test_both_answers_of_a_comparison_belong_to_one_turn(
    ada: User, documents: None
) -> None:
    first = stored_turn()
    ask(ada, "Who wrote notes?", first)
    ask(ada, "Who wrote notes?", first | {"answer": str(uuid4())}, mode="mix")
    (turn,) = contents(pages_of(ada), first["conversation"])["turns"]
    assert [answer["mode"] for answer in turn["answers"]] == ["naive", "mix"]


def test_a_question_keeps_its_filters(ada: User, documents: None) -> None:
    turn_ids = stored_turn()
    ask(ada, "Who wrote notes?", turn_ids, filters={"tags": ["ada"]})
    values = contents(pages_of(ada), turn_ids["conversation"])
    assert values["scope"] == values["turns"][0]["scope"] == {"tags": ["ada"]}


def test_the_answer_goes_on_when_the_reader_leaves(
    ada: User, own_workspace: Workspace
) -> None:
    turn_ids = stored_turn()
    question = store.Question(
        UUID(turn_ids["conversation"]),
        UUID(turn_ids["turn"]),
        0,
        UUID(turn_ids["answer"]),
        "mix",
        "Who?",
        {},
    )
    store.add_question(own_workspace, ada, question)

    async def lines() -> Any:
        yield '{"html": "Ada"}\n'
        yield '{"done": {"html": "Ada Lovelace", "text": "Ada Lovelace"}}\n'

    async def leave() -> None:
        response = running_answers.follow(question.answer, lines())
        await anext(response)
        await response.aclose()
        await running_answers.wait_for_all()

    async_to_sync(leave)()
    (turn,) = contents(pages_of(ada), turn_ids["conversation"])["turns"]
    assert turn["answers"][0]["state"] == "complete"
    assert turn["answers"][0]["line"]["done"]["text"] == "Ada Lovelace"


def test_an_answer_can_be_stopped(ada: User, own_workspace: Workspace) -> None:
    turn_ids = stored_turn()
    question = store.Question(
        UUID(turn_ids["conversation"]),
        UUID(turn_ids["turn"]),
        0,
        UUID(turn_ids["answer"]),
        "mix",
        "Who?",
        {},
    )
    store.add_question(own_workspace, ada, question)
    response = pages_of(ada).post(f"/webui/chat/stop/{turn_ids['answer']}")
    assert response.status_code == 200
    assert not store.save_progress(question.answer, {"html": "late"})
    store.finish(question.answer, Answer.State.COMPLETE, {"html": "Ada"}, ())
    (turn,) = contents(pages_of(ada), turn_ids["conversation"])["turns"]
    assert turn["answers"][0]["state"] == "stopped"


def test_an_answer_of_a_process_that_ended_counts_as_stopped(
    ada: User, documents: None
) -> None:
    turn_ids = stored_turn()
    ask(ada, "Who wrote notes?", turn_ids)
    old = Answer.objects.get().updated_at - 2 * store.HEARTBEAT_PERIOD
    Answer.objects.update(state=Answer.State.RUNNING, updated_at=old)
    (turn,) = contents(pages_of(ada), turn_ids["conversation"])["turns"]
    assert turn["answers"][0]["state"] == "stopped"


def test_exports_name_the_sources(ada: User, documents: None) -> None:
    turn_ids = stored_turn()
    ask(ada, "Who wrote notes?", turn_ids)
    client = pages_of(ada)
    markdown = client.get(f"/webui/chat/{turn_ids['conversation']}/export.md")
    assert (
        markdown["Content-Disposition"] == 'attachment; filename="who-wrote-notes.md"'
    )
    name = Document.objects.filter(pk__in=AnswerSource.objects.values("document"))[0]
    assert markdown.content.decode().startswith("# Who wrote notes?\n\n## Who wrote")
    assert f"] {name.name}" in markdown.content.decode()
    exported = client.get(f"/webui/chat/{turn_ids['conversation']}/export.json").json()
    assert exported["turns"][0]["answers"][0]["sources"][0]["name"]


def test_without_a_login_nothing_is_stored(browser: Client, documents: None) -> None:
    assert browser.get("/webui/chat/conversations").status_code == 401
    assert not Conversation.objects.exists()
