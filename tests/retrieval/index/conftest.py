"""The fixture that merges facts into a graph, for tests of the search index."""

from tests.graph.conftest import say

__all__ = ["say"]
