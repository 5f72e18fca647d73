"""Reads of the graph: subgraphs, paths, drawings, filters and sources."""
