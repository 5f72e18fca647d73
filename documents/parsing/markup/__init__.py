"""Parsers of text formats with structure: web pages, e-books, tables, notebooks, sources."""
