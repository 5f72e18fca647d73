"""The shipped fake models."""

from __future__ import annotations

import io
import json
import time
from contextlib import aclosing
from dataclasses import replace

import numpy as np
import PIL.Image
import pytest

from retrieval.llm.base import (
    ChatRequest,
    Completion,
    Ending,
    JsonSchema,
    Message,
    MessageImage,
    Tool,
)
from retrieval.llm.errors import ProviderDown, RateLimited
from retrieval.llm.testing.fake import FakeChat, FakeEmbedder

TEXT = "Marie Curie met Albert Einstein in Brussels. She won the Nobel Prize."


def ask(text: str, shape: str = "", system: str = "Do as asked.") -> ChatRequest:
    schema = JsonSchema(shape, {"type": "object"}) if shape else None
    return ChatRequest((Message("system", system), Message("user", text)), schema)


async def test_an_extraction_names_the_capitalised_words() -> None:
    completion = await FakeChat().complete(ask(TEXT, "extraction"))
    extraction = json.loads(completion.text)
    assert [e["name"] for e in extraction["entities"]] == [
        "Marie Curie",
        "Albert Einstein",
        "Brussels",
        "Nobel Prize",
    ]
    assert (
        extraction["relationships"][0]["source"],
        extraction["relationships"][0]["target"],
    ) == (
        "Marie Curie",
        "Albert Einstein",
    )


async def test_an_extraction_reads_only_the_marked_text() -> None:
    prompt = f"Read This Text Well\n<text>\n{TEXT}\n</text>\nAnswer In JSON."
    completion = await FakeChat().complete(ask(prompt, "extraction"))
    assert "Read" not in {e["name"] for e in json.loads(completion.text)["entities"]}


async def test_chinese_names_are_found() -> None:
    completion = await FakeChat().complete(
        ask("《紅樓夢》的作者是曹雪芹。", "extraction")
    )
    assert "紅樓夢" in {e["name"] for e in json.loads(completion.text)["entities"]}


async def test_keywords_are_the_words_of_the_question() -> None:
    completion = await FakeChat().complete(ask("Who met Einstein?", "keywords"))
    assert json.loads(completion.text)["low_level_keywords"] == ["met", "einstein"]


async def test_an_answer_quotes_the_context() -> None:
    completion = await FakeChat().complete(ask("Who won a prize?", system=TEXT))
    assert "She won the Nobel Prize." in completion.text


async def test_an_answer_quotes_the_content_of_a_source_and_not_its_json() -> None:
    source = json.dumps({"reference_id": "1", "content": TEXT})
    completion = await FakeChat().complete(ask("Who won a prize?", system=source))
    assert completion.text == "According to the context: She won the Nobel Prize."


async def test_a_summary_is_made_of_the_statements() -> None:
    prompt = 'Subject: "Ada"\nStatements:\n"Ada wrote. A lot."\n"Ada read."'
    completion = await FakeChat().complete(ask(prompt, system="Write of Ada, all."))
    assert completion.text == "Ada wrote. Ada read."


async def test_the_same_question_has_the_same_answer() -> None:
    first, second = FakeChat(), FakeChat()
    request = ask("Who won?", system=TEXT)
    assert await first.complete(request) == await second.complete(request)


async def test_a_script_is_followed_in_order_and_then_the_rules() -> None:
    chat = FakeChat(["one", Completion("two", truncated=True), RateLimited()])
    assert (await chat.complete(ask("?"))).text == "one"
    assert (await chat.complete(ask("?"))).truncated
    with pytest.raises(RateLimited):
        await chat.complete(ask("?"))
    assert "context" in (await chat.complete(ask("What?"))).text


async def test_a_function_may_write_the_replies() -> None:
    chat = FakeChat(lambda request: request.messages[-1].content.upper())
    assert (await chat.complete(ask("loud"))).text == "LOUD"


async def test_it_fails_the_configured_number_of_times_and_then_answers() -> None:
    chat = FakeChat(["fine"], failures=2)
    for _ in range(2):
        with pytest.raises(ProviderDown):
            await chat.complete(ask("?"))
    assert (await chat.complete(ask("?"))).text == "fine"


async def test_calls_and_characters_are_counted() -> None:
    chat = FakeChat()
    await chat.complete(ask("1234", system="12"))
    assert (chat.calls, chat.chars, len(chat.requests)) == (1, 6, 1)


async def test_a_stream_is_the_answer_word_by_word() -> None:
    async with aclosing(FakeChat(["one two  three"]).stream(ask("?"))) as pieces:
        *words, ending = [piece async for piece in pieces]
    assert words == ["one ", "two  ", "three"]
    assert isinstance(ending, Ending)


WEATHER = Tool("get_weather", parameters={"properties": {"place": {"type": "string"}}})


async def test_a_tool_that_the_question_names_is_called_once() -> None:
    request = replace(ask("Get me the weather in Paris."), tools=(WEATHER,))
    (call,) = (await FakeChat().complete(request)).tool_calls
    assert call.name == "get_weather"
    assert "Paris" in json.loads(call.arguments)["place"]
    result = Message("tool", "The weather in Paris is fine.", tool_call_id=call.id)
    then = replace(request, messages=(*request.messages, result))
    assert "is fine" in (await FakeChat().complete(then)).text


async def test_a_tool_that_is_required_is_called() -> None:
    options = {"tool_choice": "required"}
    request = replace(ask("Hello?"), tools=(WEATHER,), options=options)
    assert (await FakeChat().complete(request)).tool_calls


async def test_an_answer_takes_the_configured_latency() -> None:
    start = time.perf_counter()
    await FakeChat(latency=0.05).complete(ask("?"))
    assert time.perf_counter() - start > 0.04


async def test_vectors_have_length_one_and_follow_shared_words() -> None:
    vectors = await FakeEmbedder().embed_documents(
        ["the cat sat on the mat", "a cat on a mat", "quantum chromodynamics"]
    )
    assert vectors.shape == (3, 64)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
    similar, different = vectors[0] @ vectors[1], vectors[0] @ vectors[2]
    assert similar > 0.4 > different


async def test_a_batch_has_the_vectors_of_its_texts_alone() -> None:
    embedder = FakeEmbedder(32)
    together = await embedder.embed_documents(["one two", "", "三個字"])
    for row, text in enumerate(["one two", "", "三個字"]):
        alone = await embedder.embed_queries([text])
        assert np.array_equal(together[row], alone[0])


async def test_no_texts_are_no_vectors() -> None:
    assert (await FakeEmbedder(8).embed_documents([])).shape == (0, 8)


async def test_a_figure_is_described_by_its_colour() -> None:
    file = io.BytesIO()
    PIL.Image.new("RGB", (80, 60), (20, 40, 230)).save(file, "PNG")
    image = MessageImage(file.getvalue(), "image/png")
    request = ChatRequest((Message("user", "Describe.", images=(image,)),))
    completion = await FakeChat().complete(request)
    assert completion.text == "An image of 80 by 60 pixels, mostly blue."
