"""A question's search, while its workspace may move to another embedding model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from documents import workspaces
from retrieval import modes, understanding
from retrieval.crossing import in_database
from retrieval.evidence import Evidence
from retrieval.question import Question
from retrieval.reading import ModelChanged

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
    workspace = await in_database(workspaces.by_id, question.workspace_id)
    return replace(
        question,
        model=workspace.embedding_model,
        dimensions=workspace.embedding_dimensions,
        vectors=await understanding.embed(
            workspace, question.mode, question.text, question.keywords
        ),
    )
