"""A small data set for tests of the admin: documents, chunks and their graph."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from documents.models import Chunk, Document, Status, Workspace
from graph.models import (
    ChunkExtraction,
    Entity,
    EntityMention,
    Relation,
    RelationMention,
)


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def make_documents(
    workspace: Workspace, number: int, status: Status = Status.PROCESSED
) -> list[Document]:
    """Create documents named `document-<n>.txt`; their chunks are created elsewhere."""
    return Document.objects.bulk_create(
        Document(
            workspace=workspace,
            public_id=f"doc-{md5(f'{status}-{n}')}",
            name=f"{status}-{n}.txt",
            status=status,
            track_id="upload_1",
            chunks_count=2,
            content_length=100,
            error_msg="The model did not answer." if status == Status.FAILED else "",
        )
        for n in range(number)
    )


def make_chunks(document: Document, texts: Sequence[str]) -> list[Chunk]:
    return Chunk.objects.bulk_create(
        Chunk(
            workspace=document.workspace,
            document=document,
            order=order,
            content=text,
            tokens=len(text) // 4,
            content_hash=md5(text),
        )
        for order, text in enumerate(texts)
    )


@dataclass(frozen=True, slots=True)
class Library:
    """Create a document whose first chunk mentions two relations of Ada."""

    workspace: Workspace
    document: Document
    chunk: Chunk
    ada: Entity
    babbage: Entity
    countess: Entity
    knows: Relation


def make_library(workspace: Workspace) -> Library:
    document = make_documents(workspace, 1)[0]
    chunk, _ = make_chunks(
        document, ["Ada knew Babbage. 王小明 read Ada's notes.", "Nothing here."]
    )
    ChunkExtraction.objects.create(chunk=chunk, records={}, model="fake")
    ada, babbage, countess = Entity.objects.bulk_create(
        Entity(
            workspace=workspace,
            name=name,
            entity_type="Person",
            description=f"{name} is a person.",
            degree=1,
        )
        for name in ("Ada", "Babbage", "Countess")
    )
    knows = Relation.objects.create(
        workspace=workspace,
        source=ada,
        target=babbage,
        description="Ada knew Babbage.",
        keywords="acquaintance",
    )
    Relation.objects.create(
        workspace=workspace,
        source=babbage,
        target=countess,
        description="Babbage wrote to the Countess.",
        keywords="letters",
    )
    EntityMention.objects.bulk_create(
        EntityMention(
            entity=entity,
            chunk=chunk,
            mentioned_name=entity.name,
            entity_type="Person",
            description=entity.description,
        )
        for entity in (ada, babbage, countess)
    )
    RelationMention.objects.create(
        relation=knows,
        chunk=chunk,
        mentioned_source="Ada",
        mentioned_target="Babbage",
        description="Ada knew Babbage.",
        keywords="acquaintance",
    )
    return Library(workspace, document, chunk, ada, babbage, countess, knows)
