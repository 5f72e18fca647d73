"""Rerankers behind an HTTP API."""
