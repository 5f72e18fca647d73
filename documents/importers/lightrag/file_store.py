"""LightRAG's file store: a `rag_storage` folder of JSON files and a GraphML file."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, iterparse

import numpy as np

from documents.importers.lightrag.store import (
    InvalidStore,
    StoredChunk,
    StoredDocument,
    StoredEntity,
    StoredRelation,
    Vector,
    relation_key,
)
from graph.models import SEPARATOR

GRAPH = "graph_chunk_entity_relation.graphml"
_XML = "{http://graphml.graphdrawing.org/xmlns}"


class FileStore:
    """A `rag_storage` folder, or the folder of one workspace in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not (folder / "kv_store_text_chunks.json").is_file():
            raise InvalidStore(
                f"{folder} is not a rag_storage folder: it has no kv_store_text_chunks.json."
            )

    def documents(self) -> list[StoredDocument]:
        rows = self._json("kv_store_doc_status") or self._json("kv_store_full_docs")
        documents = [document(key, row) for key, row in rows.items()]
        return sorted(documents, key=lambda d: (d.created_at, d.public_id))

    def chunk_order(self) -> list[str]:
        return [c.id for d in self.documents() for c in self.chunks([d.public_id])]

    def texts(self, document_ids: Sequence[str]) -> dict[str, str]:
        rows = self._full_docs
        return {key: rows[key]["content"] for key in document_ids if key in rows}

    def chunks(self, document_ids: Sequence[str]) -> list[StoredChunk]:
        return [chunk for key in document_ids for chunk in self._chunks_of.get(key, ())]

    def entities(self) -> Iterator[StoredEntity]:
        all_chunks = self._json("kv_store_entity_chunks")
        for _, data in self._elements("node"):
            name = data["entity_id"]
            yield StoredEntity(
                name,
                data.get("entity_type", ""),
                data.get("description", ""),
                chunk_ids(all_chunks.get(name), data.get("source_id", "")),
            )

    def relations(self) -> Iterator[StoredRelation]:
        all_chunks = self._json("kv_store_relation_chunks")
        for element, data in self._elements("edge"):
            ends = relation_key(element.attrib["source"], element.attrib["target"])
            yield StoredRelation(
                *ends,
                data.get("description", ""),
                data.get("keywords", ""),
                float(data.get("weight") or 1.0),
                chunk_ids(
                    all_chunks.get(SEPARATOR.join(ends)), data.get("source_id", "")
                ),
            )

    def vectors(self, kind: str, dimensions: int) -> dict[str, Vector]:
        stored = self._json(f"vdb_{kind}")
        if stored.get("embedding_dim") != dimensions:
            return {}
        matrix = unpack_matrix(stored.get("matrix", ""), dimensions)
        vectors = {}
        for position, row in enumerate(stored.get("data", ())):
            vector = unpack_vector(row.get("vector"))
            if vector is None and position < len(matrix):
                vector = matrix[position]
            if vector is not None and vector.shape == (dimensions,):
                vectors[row["__id__"]] = vector
        return vectors

    @cached_property
    def _full_docs(self) -> Mapping[str, Any]:
        return self._json("kv_store_full_docs")

    @cached_property
    def _chunks_of(self) -> dict[str, list[StoredChunk]]:
        by_document: dict[str, list[StoredChunk]] = {}
        for key, row in self._json("kv_store_text_chunks").items():
            by_document.setdefault(row["full_doc_id"], []).append(chunk(key, row))
        for chunks in by_document.values():
            chunks.sort(key=lambda c: c.order)
        return by_document

    def _json(self, name: str) -> Mapping[str, Any]:
        """Return the parsed file, or an empty object: the set of files varies by version."""
        path = self.folder / f"{name}.json"
        if not path.is_file():
            return {}
        try:
            values: Mapping[str, Any] = json.loads(path.read_bytes())
        except ValueError as error:
            raise InvalidStore(f"{path} is damaged: {error}") from error
        return values

    def _elements(self, kind: str) -> Iterator[tuple[Element, dict[str, str]]]:
        """Iterate over nodes or edges with their data by name, without loading the file."""
        path = self.folder / GRAPH
        if not path.is_file():
            return
        names: dict[str, str] = {}
        try:
            for _, element in iterparse(path):  # noqa: S314 - expat, as of 2.4.1, is safe
                if element.tag == f"{_XML}key":
                    names[element.attrib["id"]] = element.attrib["attr.name"]
                elif element.tag == f"{_XML}{kind}":
                    yield element, data_of(element, names)
                if element.tag in (f"{_XML}node", f"{_XML}edge"):
                    element.clear()
        except ParseError as error:
            raise InvalidStore(f"{path} is damaged: {error}") from error


def data_of(element: Element, names: Mapping[str, str]) -> dict[str, str]:
    """Return an element's data by name; `entity_id` defaults to the element's id."""
    values = {"entity_id": element.attrib.get("id", "")}
    for data in element.findall(f"{_XML}data"):
        values[names[data.attrib["key"]]] = data.text or ""
    return values


def document(key: str, row: Mapping[str, Any]) -> StoredDocument:
    """Return a row of `doc_status`, of any backend, as a StoredDocument."""
    return StoredDocument(
        key,
        row.get("file_path") or "",
        str(row.get("status") or "processed").lower(),
        row.get("error_msg") or row.get("error") or "",
        row.get("track_id") or "",
        str(row.get("created_at") or ""),
    )


def chunk(key: str, row: Mapping[str, Any]) -> StoredChunk:
    """Return a row of `text_chunks`, of any backend, as a StoredChunk."""
    heading = row.get("heading") or {}
    path = (*(heading.get("parent_headings") or ()), heading.get("heading") or "")
    return StoredChunk(
        key,
        row["full_doc_id"],
        row.get("chunk_order_index") or 0,
        row.get("tokens") or 0,
        row["content"],
        tuple(filter(None, path)),
    )


def chunk_ids(row: Mapping[str, Any] | None, source_id: str) -> tuple[str, ...]:
    """Return the chunk ids of an entity or relation.

    `row` has the full list (LightRAG 1.4.9 and later), `source_id` a truncated one.
    """
    ids = (row or {}).get("chunk_ids") or source_id.split(SEPARATOR)
    return tuple(dict.fromkeys(filter(None, ids)))


def unpack_vector(packed: object) -> Vector | None:
    """Decode a base64 string of deflated half floats; return None for other values."""
    if not isinstance(packed, str):
        return None
    try:
        raw = zlib.decompress(base64.b64decode(packed))
    except (binascii.Error, zlib.error):
        return None
    return np.frombuffer(raw, np.float16).astype(np.float32)


def unpack_matrix(packed: str, dimensions: int) -> Vector:
    """Decode the format of older versions: a base64 string with all vectors as floats."""
    try:
        numbers = np.frombuffer(base64.b64decode(packed), np.float32)
    except (binascii.Error, ValueError):
        numbers = np.zeros(0, np.float32)
    rows = len(numbers) // dimensions
    return numbers[: rows * dimensions].reshape(rows, dimensions)
