"""Parsers of the results of Docling and MinerU."""
