"""The fixture that ingests records into the graph, for tests of the search index."""

from tests.graph.conftest import ingest

__all__ = ["ingest"]
