"""A question's search, while its workspace may move to another embedding model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from documents.workspaces import lookup
from retrieval.db_thread import in_database
from retrieval.query import query_analysis
from retrieval.search import modes
from retrieval.search.evidence import Evidence
from retrieval.search.question import Question
from retrieval.search.search_transaction import ModelChanged

Look = Callable[[Question], Evidence]


async def find(question: Question, look: Look = modes.look) -> Evidence:
    """What the question finds; embedded anew where its workspace has moved meanwhile.

    So it is compared with vectors of its own model alone. Raises UnknownWorkspace where
    the workspace was deleted.
    """
    while True:
        try:
            return await in_database(look, question)
        except ModelChanged:
            question = await _anew(question)


async def _anew(question: Question) -> Question:
    workspace = await in_database(lookup.by_id, question.workspace_id)
    return replace(
        question,
        model=workspace.embedding_model,
        dimensions=workspace.embedding_dimensions,
        vectors=await query_analysis.embed(
            workspace, question.mode, question.text, question.keywords
        ),
    )
