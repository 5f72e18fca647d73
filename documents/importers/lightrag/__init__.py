"""Importer of LightRAG's stores: its folder of JSON files, and its PostgreSQL tables."""
