"""Tests of the stand-in model that repeats real extractions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from retrieval.llm.base import ChatRequest, JsonSchema, Message
from retrieval.llm.chat import json_answer
from tests.benchmarks import passage_index
from tests.benchmarks.replay import ReplayChat

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
def chat(tmp_path: Path) -> ReplayChat:
    paths = {name: tmp_path / name for name in ("medical", "musique")}
    paths["medical"].write_text(json.dumps(medical()))
    paths["musique"].write_text(json.dumps(musique()))
    return ReplayChat(passage_index.load(**{n: str(p) for n, p in paths.items()}))


def extraction_request(text: str) -> ChatRequest:
    prompt = f"Section: Some\n```\n{text}\n```"
    system = Message("system", "You list what a passage speaks of, in JSON.")
    schema = JsonSchema("extraction", {"type": "object"})
    return ChatRequest((system, Message("user", prompt)), schema)


async def extracted(chat: ReplayChat, text: str) -> dict[str, Any]:
    return json_answer.parse((await chat.complete(extraction_request(text))).text)


@pytest.mark.parametrize("topic", TOPICS)
async def test_a_passage_in_a_prompt_has_its_own_extraction(
    chat: ReplayChat, topic: str
) -> None:
    extraction = await extracted(chat, chunk_text(topic))
    assert [entity["name"] for entity in extraction["entities"]] == [topic.title()]
    assert extraction["relationships"][0]["target"] == "Body"


async def test_a_passage_split_elsewhere_is_found(chat: ReplayChat) -> None:
    text = chunk_text("lungs")
    moved = f"{chunk_text('kidneys')[-300:]} {text[: len(text) * 3 // 4]}"
    extraction = await extracted(chat, moved)
    assert [entity["name"] for entity in extraction["entities"]] == ["Lungs"]


async def test_a_triple_is_a_described_relation(chat: ReplayChat) -> None:
    extraction = await extracted(chat, f"Samoa\n{musique()[0]['text']}")
    assert extraction["relationships"] == [
        {
            "source": "Samoa",
            "target": "rugby union",
            "keywords": "national sport is",
            "description": "Samoa national sport is rugby union.",
        }
    ]
    descriptions = {e["name"]: e["description"] for e in extraction["entities"]}
    assert descriptions["Samoa"] == "Samoa national sport is rugby union."
    assert descriptions["country"] == "country is mentioned in Samoa."


async def test_near_duplicates_are_distinguished_by_punctuation(
    chat: ReplayChat,
) -> None:
    extraction = await extracted(chat, musique()[1]["text"])
    assert extraction["relationships"][0]["target"] == "small country"


async def test_several_passages_in_one_prompt_are_all_found(chat: ReplayChat) -> None:
    extraction = await extracted(chat, f"{chunk_text('lungs')}\n{chunk_text('glands')}")
    assert [entity["name"] for entity in extraction["entities"]] == ["Glands", "Lungs"]


async def test_an_unknown_text_has_nothing_to_extract(chat: ReplayChat) -> None:
    extraction = await extracted(chat, "The weather is fine and nobody minds it today.")
    assert extraction == {"entities": [], "relationships": []}


async def test_other_requests_are_answered_by_rule(chat: ReplayChat) -> None:
    system = Message("system", "Lungs breathe. Kidneys filter blood.")
    question = Message("user", "What do kidneys filter?")
    answer = await chat.complete(ChatRequest((system, question)))
    assert "Kidneys filter blood." in answer.text
    schema = JsonSchema("keywords", {})
    keywords = await chat.complete(ChatRequest((question,), schema))
    assert json.loads(keywords.text)["low_level_keywords"] == ["kidneys", "filter"]
