"""Clients of parsers that are services: Docling and MinerU."""
