"""The knowledge graph: extraction, merging, curation, queries, AGE and interchange."""
