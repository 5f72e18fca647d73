"""Tests of the configured models."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_django import Settings

from retrieval.llm.base import ChatRequest, Message
from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig
from retrieval.llm.errors import NotConfigured, ProviderDown, WrongDimensions
from retrieval.llm.registry import bindings, configured_models
from retrieval.llm.testing.fake import FakeChat

HELLO = ChatRequest((Message("user", "Hello."),))


def test_without_a_binding_there_is_no_model(settings: Settings) -> None:
    settings.LIGHTRAG = replace(settings.LIGHTRAG, query_llm=ChatConfig())
    assert configured_models.query_chat() is None


async def test_the_fake_binding_is_a_working_model(settings: Settings) -> None:
    fake = ChatConfig(binding="fake", model="m")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, extract_llm=fake)
    chat = configured_models.extract_chat()
    assert chat is not None
    assert chat.identity == "fake:m"
    assert (await chat.complete(HELLO)).text


async def test_a_test_may_configure_its_own_fake(settings: Settings) -> None:
    fake = FakeChat(["scripted"])
    config = ChatConfig(binding="fake", options={"chat": fake})
    settings.LIGHTRAG = replace(settings.LIGHTRAG, keyword_llm=config)
    chat = configured_models.keyword_chat()
    assert chat is not None
    assert (await chat.complete(HELLO)).text == "scripted"
    assert fake.calls == 1


def test_a_model_is_kept_until_its_settings_change(settings: Settings) -> None:
    config = EmbeddingConfig(binding="fake", dimensions=16)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, embedding=config)
    first = configured_models.embedder()
    assert first.dimensions == 16
    settings.LIGHTRAG = replace(settings.LIGHTRAG, query_llm=ChatConfig(binding="fake"))
    assert configured_models.embedder() is first
    settings.LIGHTRAG = replace(
        settings.LIGHTRAG, embedding=replace(config, dimensions=8)
    )
    assert configured_models.embedder().dimensions == 8


def test_the_error_of_an_unknown_binding_lists_the_bindings(
    settings: Settings,
) -> None:
    bad = ChatConfig(binding="opnai")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, query_llm=bad)
    with pytest.raises(NotConfigured, match=r"LLM_BINDING=opnai .*fake"):
        configured_models.query_chat()


def test_the_vision_model_must_be_enabled(settings: Settings) -> None:
    config = replace(settings.LIGHTRAG, vlm_llm=ChatConfig(binding="fake"))
    settings.LIGHTRAG = config
    assert configured_models.vision_chat() is None
    settings.LIGHTRAG = replace(config, ingest=replace(config.ingest, vlm=True))
    assert configured_models.vision_chat() is not None


async def test_the_extraction_model_does_not_retry(settings: Settings) -> None:
    fake = FakeChat(failures=2)
    config = ChatConfig(binding="fake", options={"chat": fake})
    settings.LIGHTRAG = replace(settings.LIGHTRAG, extract_llm=config)
    chat = configured_models.extract_chat()
    assert chat is not None
    with pytest.raises(ProviderDown):
        await chat.complete(HELLO)
    assert fake.calls == 1


def test_all_models_can_be_created_in_advance(settings: Settings) -> None:
    bad = RerankConfig(binding="pinecone")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, rerank=RerankConfig())
    configured_models.prepare()
    settings.LIGHTRAG = replace(settings.LIGHTRAG, rerank=bad)
    with pytest.raises(NotConfigured, match="RERANK_BINDING=pinecone"):
        configured_models.prepare()


def test_bindings_can_be_checked_without_loading_their_packages(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured_models.check()
    bad = EmbeddingConfig(binding="local", dimensions=12)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, embedding=bad)
    with pytest.raises(WrongDimensions):
        configured_models.check()
    gemini = ChatConfig(binding="gemini", model="m")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, query_llm=gemini)
    monkeypatch.setattr(bindings, "find_spec", lambda _: None)
    with pytest.raises(NotConfigured, match=r"LLM_BINDING=gemini .*not installed"):
        configured_models.check()
