from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from asgiref.sync import async_to_sync

from documents.models import Workspace
from retrieval.llm.base import Completion, Message
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import NotConfigured, ProviderDown, RateLimited
from retrieval.llm.testing.fake import FakeChat
from retrieval.llm.usage.models import LLMCache
from retrieval.query import answer, model_request
from retrieval.query.events import Answer, Delta, Event, Finished, Progress, References
from retrieval.search.params import Mode, QueryParams
from tests.models import FakeModels
from tests.retrieval.conftest import Configure, Library, collect, statements

ask = async_to_sync(answer.ask)
retrieve = async_to_sync(answer.retrieve)
RADIUM = "What did Marie Curie discover?"


def streamed(workspace: Workspace, params: QueryParams) -> list[Event]:
    return collect(answer.stream(workspace, params))


def test_an_answer_has_references(curies: Library) -> None:
    result = ask(curies.workspace, QueryParams(RADIUM))
    assert "radium" in result.text
    assert result.llm_generated
    assert result.references[0].file_path == "curie.txt"
    assert result.references[0].document_id == "doc-curie.txt"
    assert "doc-curie.txt-chunk-000" in result.references[0].chunk_ids


def test_a_reference_has_pages(curies: Library) -> None:
    result = ask(curies.workspace, QueryParams("Who developed relativity in Berlin?"))
    (einstein,) = [
        reference
        for reference in result.references
        if reference.file_path == "einstein.pdf"
    ]
    assert einstein.pages == (3, 4)


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.BYPASS])
def test_every_mode_finds_the_chunk(curies: Library, mode: Mode) -> None:
    result = retrieve(curies.workspace, QueryParams(RADIUM, mode))
    assert result.chunks[0].file_path == "curie.txt"
    assert result.mode is mode


def test_naive_reads_no_graph_and_calls_no_model(
    curies: Library, models: FakeModels
) -> None:
    result = retrieve(curies.workspace, QueryParams(RADIUM, Mode.NAIVE))
    assert not result.entities
    assert not result.relations
    assert not models.chat.requests
    assert dict(result.counts) == {"total_chunks_found": 1, "final_chunks_count": 1}


def test_local_starts_at_entities_and_global_at_relations(curies: Library) -> None:
    params = QueryParams(
        RADIUM, Mode.LOCAL, ll_keywords=("Radium",), hl_keywords=("married",), top_k=1
    )
    local = retrieve(curies.workspace, params)
    assert [entity.name for entity in local.entities] == ["Radium"]
    assert [relation.description for relation in local.relations] == [
        "Marie Curie discovered radium."
    ]
    params = QueryParams(
        "married", Mode.GLOBAL, hl_keywords=("They were married",), top_k=1
    )
    result = retrieve(curies.workspace, params)
    assert [relation.description for relation in result.relations] == [
        "They were married."
    ]
    assert {entity.name for entity in result.entities} == {
        "Marie Curie",
        "Pierre Curie",
    }


def test_every_chunk_has_the_scores_of_its_retrievers(curies: Library) -> None:
    result = retrieve(curies.workspace, QueryParams(RADIUM, Mode.MIX))
    first = result.chunks[0]
    assert {"vector", "lexical", "walk"} <= set(first.scores)
    assert 0 < first.scores["vector"] <= 1


def test_a_mix_query_makes_fourteen_statements_at_most(
    curies: Library, configure: Configure
) -> None:
    configure(query__relevance_check=False)  # it reads if few words are found
    assert statements(lambda: retrieve(curies.workspace, QueryParams(RADIUM))) <= 14
    # The keywords are cached now; the answer is looked up and stored.
    assert statements(lambda: ask(curies.workspace, QueryParams(RADIUM))) <= 14
    assert statements(lambda: retrieve(curies.workspace, QueryParams(RADIUM))) <= 13
    configure(query__keyword_extraction="none")
    assert statements(lambda: retrieve(curies.workspace, QueryParams(RADIUM))) <= 9


def test_entities_and_relations_have_sources(curies: Library) -> None:
    result = retrieve(curies.workspace, QueryParams(RADIUM))
    marie = next(entity for entity in result.entities if entity.name == "Marie Curie")
    assert marie.chunk_ids == ("doc-curie.txt-chunk-000",)
    assert marie.file_paths == ("curie.txt",)
    assert all(relation.chunk_ids for relation in result.relations)


def test_without_hits_the_answer_is_lightrags(library: Library) -> None:
    result = ask(library.workspace, QueryParams(RADIUM))
    assert result == Answer(
        model_request.NO_CONTEXT, (), result.seconds, llm_generated=False
    )
    assert retrieve(library.workspace, QueryParams(RADIUM)).is_empty


def test_other_workspaces_are_not_searched(curies: Library) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="fake:hash", embedding_dimensions=64
    )
    for mode in Mode:
        assert retrieve(other, QueryParams(RADIUM, mode)).is_empty


def test_a_failing_provider_raises_its_error(
    curies: Library, models: FakeModels, configure: Configure
) -> None:
    failing = FakeChat(failures=9, error=RateLimited("slow down"))
    configure(query_llm=ChatConfig("fake", options={"chat": failing}))
    with pytest.raises(RateLimited, match="slow down"):
        ask(curies.workspace, QueryParams(RADIUM))
    with pytest.raises(RateLimited):
        streamed(curies.workspace, QueryParams(RADIUM))
    configure(keyword_llm=ChatConfig("fake", options={"chat": FakeChat(failures=9)}))
    with pytest.raises(ProviderDown):
        retrieve(curies.workspace, QueryParams("Who taught at the Sorbonne?"))


def test_without_keyword_extraction_no_model_is_called_before_the_answer(
    curies: Library, models: FakeModels, configure: Configure
) -> None:
    configure(query__keyword_extraction="none")
    result = retrieve(curies.workspace, QueryParams(RADIUM))
    assert not models.chat.requests
    assert result.keywords.low == (RADIUM,)
    assert result.chunks[0].file_path == "curie.txt"


def test_given_keywords_are_used_instead_of_a_models(
    curies: Library, models: FakeModels
) -> None:
    result = retrieve(curies.workspace, QueryParams(RADIUM, ll_keywords=("Radium",)))
    assert not models.chat.requests
    assert result.keywords.low == ("Radium",)


def test_without_a_model_the_chunks_are_quoted(
    curies: Library, configure: Configure
) -> None:
    configure(query_llm=ChatConfig(), keyword_llm=ChatConfig())
    result = ask(curies.workspace, QueryParams(RADIUM))
    assert not result.llm_generated
    assert "No language model is configured" in result.text
    assert "Marie Curie discovered radium in Paris in 1898. [1]" in result.text
    assert result.references[0].file_path == "curie.txt"


def test_bypass_calls_the_model_without_sources(
    curies: Library, models: FakeModels
) -> None:
    history = (Message("user", "Hello"), Message("assistant", "Good day"))
    params = QueryParams("And now?", Mode.BYPASS, conversation_history=history)
    result = ask(curies.workspace, params)
    assert result.references == ()
    (request,) = models.chat.requests
    assert request.messages == (*history, Message("user", "And now?"))
    assert not LLMCache.objects.exists()


def test_bypass_without_a_model_is_an_error(
    curies: Library, configure: Configure
) -> None:
    configure(query_llm=ChatConfig())
    with pytest.raises(NotConfigured):
        ask(curies.workspace, QueryParams("Hello there", Mode.BYPASS))


def test_a_stream_has_progress_references_pieces_and_statistics(
    curies: Library,
) -> None:
    events = streamed(curies.workspace, QueryParams(RADIUM, enable_rerank=True))
    steps = [event.step for event in events if isinstance(event, Progress)]
    assert steps == [
        "extracting_keywords",
        "retrieving_entities",
        "retrieving_relations",
        "retrieving_chunks",
        "reranking",
        "generating_response",
    ]
    later = [event for event in events if not isinstance(event, Progress)]
    assert isinstance(later[0], References)
    assert later[0].listed[0].file_path == "curie.txt"
    assert isinstance(later[-1], Finished)
    assert later[-1].llm_generated
    pieces = later[1:-1]
    assert len(pieces) > 1
    assert all(isinstance(piece, Delta) for piece in pieces)


def test_a_streamed_answer_is_cached_and_returned_in_one_piece(
    curies: Library, models: FakeModels
) -> None:
    first = streamed(curies.workspace, QueryParams(RADIUM))
    calls = models.chat.calls
    again = streamed(curies.workspace, QueryParams(RADIUM))
    assert models.chat.calls == calls
    assert "".join(text(first)) == "".join(text(again))
    assert len(text(again)) == 1
    assert ask(curies.workspace, QueryParams(RADIUM)).text == text(again)[0]


def text(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Delta)]


def test_a_stream_closed_early_is_not_cached(curies: Library) -> None:
    async def leave() -> None:
        async with aclosing(
            answer.stream(curies.workspace, QueryParams(RADIUM))
        ) as events:
            async for event in events:
                if isinstance(event, Delta):
                    return

    async_to_sync(leave)()
    assert not LLMCache.objects.filter(purpose="query").exists()


def test_a_change_of_documents_invalidates_cached_answers(
    curies: Library, models: FakeModels
) -> None:
    ask(curies.workspace, QueryParams(RADIUM))
    calls = models.chat.calls
    ask(curies.workspace, QueryParams(RADIUM))
    assert models.chat.calls == calls
    curies.workspace.version += 1
    ask(curies.workspace, QueryParams(RADIUM))
    assert models.chat.calls == calls + 1  # the keywords are still cached


def test_a_truncated_answer_is_returned_but_not_cached(
    curies: Library, configure: Configure
) -> None:
    short = FakeChat(lambda request: Completion("It beg", truncated=True))
    configure(query_llm=ChatConfig("fake", options={"chat": short}))
    answered = ask(curies.workspace, QueryParams(RADIUM))
    assert (answered.text, answered.truncated) == ("It beg", True)
    *_, last = streamed(curies.workspace, QueryParams(RADIUM))
    assert isinstance(last, Finished)
    assert last.truncated
    assert not LLMCache.objects.filter(purpose="query").exists()


def test_answers_in_a_conversation_are_not_cached(curies: Library) -> None:
    history = (Message("user", "Hello"),)
    ask(curies.workspace, QueryParams(RADIUM, conversation_history=history))
    assert not LLMCache.objects.filter(purpose="query").exists()


def test_the_cache_can_be_disabled(
    curies: Library, models: FakeModels, configure: Configure
) -> None:
    configure(query__llm_cache=False)
    ask(curies.workspace, QueryParams(RADIUM))
    ask(curies.workspace, QueryParams(RADIUM))
    assert models.chat.calls == 4
    assert not LLMCache.objects.exists()


def test_only_the_context_or_only_the_prompt_can_be_requested(curies: Library) -> None:
    context = ask(curies.workspace, QueryParams(RADIUM, only_need_context=True))
    assert not context.llm_generated
    assert "[1] curie.txt" in context.text
    params = QueryParams(RADIUM, only_need_context=True, only_need_prompt=True)
    prompt = ask(curies.workspace, params)
    assert prompt.text.endswith(f"\n\n---User Query---\n\n{RADIUM}")
    assert context.text in prompt.text


def test_each_step_is_timed(curies: Library) -> None:
    result = retrieve(curies.workspace, QueryParams(RADIUM))
    assert list(result.timings) == [
        "keywords",
        "embedding",
        "search",
        "relevance",
        "rerank",
        "context",
    ]


def test_concurrent_questions_are_independent(curies: Library) -> None:
    async def together() -> list[Answer]:
        questions = [QueryParams(f"{RADIUM} ({number})") for number in range(8)]
        return await asyncio.gather(
            *(answer.ask(curies.workspace, params) for params in questions)
        )

    answers = async_to_sync(together)()
    assert all(result.references for result in answers)


def test_wrong_dimensions_name_the_setting(
    workspace: Workspace, models: FakeModels, configure: Configure
) -> None:
    models.embedder.dimensions = 32
    with pytest.raises(Exception, match="EMBEDDING_DIM"):
        retrieve(workspace, QueryParams(RADIUM))
