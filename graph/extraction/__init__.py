"""Extraction of entities and relations from chunks, by a model or by linguistics."""
