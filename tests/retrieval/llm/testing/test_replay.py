"""The stand-in that repeats real extractions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from retrieval.llm.base import ChatModel, ChatRequest, JsonSchema, Message
from retrieval.llm.chat import json_answer
from retrieval.llm.config import ChatConfig
from retrieval.llm.registry import bindings

TOPICS = ("glands", "kidneys", "bladders", "lungs")


def chunk_text(topic: str) -> str:
    return " ".join(f"All {topic} of kind {n}." for n in range(60))


def medical() -> list[dict[str, Any]]:
    return [
        {
            "order": number,
            "content": chunk_text(topic),
            "entities": [
                {"name": topic.title(), "type": "organ", "description": f"{topic}!"}
            ],
            "relationships": [
                {
                    "source": topic.title(),
                    "target": "Body",
                    "keywords": "part",
                    "description": f"{topic} are parts of the body.",
                }
            ],
        }
        for number, topic in enumerate(TOPICS)
    ]


def musique() -> list[dict[str, Any]]:
    return [
        {
            "title": "Samoa",
            "text": "Rugby union is the national sport of Samoa - a small country.",
            "entities": ["Samoa", "rugby union", "country"],
            "triples": [["Samoa", "national sport is", "rugby union"], ["odd"]],
        },
        {
            "title": "Samoa again",
            "text": "Rugby union is the national sport of Samoa, a small country.",
            "entities": ["Samoa"],
            "triples": [["Samoa", "is", "small country"]],
        },
    ]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "bought.log"


@pytest.fixture
def chat(tmp_path: Path, log: Path) -> ChatModel:
    paths = {"medical": medical(), "musique": musique()}
    for name, content in paths.items():
        (tmp_path / name).write_text(json.dumps(content))
    options = {name: str(tmp_path / name) for name in paths} | {"log": str(log)}
    model = bindings.chat(ChatConfig(binding="replay", options=options), "extract")
    assert model is not None
    return model


def asking(text: str) -> ChatRequest:
    prompt = f"Section: Some\n```\n{text}\n```"
    system = Message("system", "You list what a passage speaks of, in JSON.")
    schema = JsonSchema("extraction", {"type": "object"})
    return ChatRequest((system, Message("user", prompt)), schema)


async def extracted(chat: ChatModel, text: str) -> dict[str, Any]:
    return json_answer.parse((await chat.complete(asking(text))).text)


@pytest.mark.parametrize("topic", TOPICS)
async def test_a_passage_in_a_prompt_has_its_own_extraction(
    chat: ChatModel, topic: str
) -> None:
    found = await extracted(chat, chunk_text(topic))
    assert [entity["name"] for entity in found["entities"]] == [topic.title()]
    assert found["relationships"][0]["target"] == "Body"


async def test_a_passage_cut_elsewhere_is_still_found(chat: ChatModel) -> None:
    text = chunk_text("lungs")
    moved = f"{chunk_text('kidneys')[-300:]} {text[: len(text) * 3 // 4]}"
    found = await extracted(chat, moved)
    assert [entity["name"] for entity in found["entities"]] == ["Lungs"]


async def test_a_triple_is_a_described_relation(chat: ChatModel) -> None:
    found = await extracted(chat, f"Samoa\n{musique()[0]['text']}")
    assert found["relationships"] == [
        {
            "source": "Samoa",
            "target": "rugby union",
            "keywords": "national sport is",
            "description": "Samoa national sport is rugby union.",
        }
    ]
    descriptions = {e["name"]: e["description"] for e in found["entities"]}
    assert descriptions["Samoa"] == "Samoa national sport is rugby union."
    assert descriptions["country"] == "country is mentioned in Samoa."


async def test_twins_are_told_apart_by_their_punctuation(chat: ChatModel) -> None:
    found = await extracted(chat, musique()[1]["text"])
    assert found["relationships"][0]["target"] == "small country"


async def test_several_passages_in_one_prompt_are_all_found(chat: ChatModel) -> None:
    found = await extracted(chat, f"{chunk_text('lungs')}\n{chunk_text('glands')}")
    assert [entity["name"] for entity in found["entities"]] == ["Glands", "Lungs"]


async def test_an_unknown_text_has_nothing_to_extract(chat: ChatModel) -> None:
    found = await extracted(chat, "The weather is fine and nobody minds it today.")
    assert found == {"entities": [], "relationships": []}


async def test_each_answer_is_a_line_in_the_log(chat: ChatModel, log: Path) -> None:
    await extracted(chat, chunk_text("lungs"))
    await chat.complete(ChatRequest((Message("user", "Hello there."),)))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["for"] for line in lines] == ["extraction", "text"]
    assert lines[0]["passages"] == ["medical:3"]


async def test_other_requests_are_answered_by_rule(chat: ChatModel) -> None:
    system = Message("system", "Lungs breathe. Kidneys filter blood.")
    question = Message("user", "What do kidneys filter?")
    answer = await chat.complete(ChatRequest((system, question)))
    assert "Kidneys filter blood." in answer.text
    schema = JsonSchema("keywords", {})
    keywords = await chat.complete(ChatRequest((question,), schema))
    assert json.loads(keywords.text)["low_level_keywords"] == ["kidneys", "filter"]
