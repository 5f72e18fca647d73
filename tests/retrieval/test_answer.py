from __future__ import annotations

from asgiref.sync import async_to_sync

from retrieval import answer
from retrieval.llm.fake import FakeChat
from retrieval.params import QueryParams
from tests.retrieval.conftest import Library

ask = async_to_sync(answer.ask)
retrieve = async_to_sync(answer.retrieve)


def test_an_answer_comes_with_the_files_it_was_built_from(
    curies: Library, chat: FakeChat
) -> None:
    found = ask(curies.workspace, QueryParams("What did Marie Curie discover?"))
    assert "radium" in found.text
    assert found.llm_generated
    assert found.references[0].file_path == "curie.txt"
