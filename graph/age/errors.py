"""Errors of Cypher queries.

CypherError
├── InvalidCypher      the query is invalid or not allowed
├── CypherTimeout      the query took too long
├── CypherBusy         too many queries run already
└── CypherUnavailable  Apache AGE or its Python package is missing
"""

from __future__ import annotations

from graph.errors import GraphError


class CypherError(GraphError):
    """The query can't be run."""


class InvalidCypher(CypherError):
    """The query is not valid."""


class CypherTimeout(CypherError):
    """The query took too long. Match directed edges, start from a name, add a LIMIT."""


class CypherBusy(CypherError):
    """Too many Cypher queries are running. Try again in a few seconds."""

    retry_after = 5


class CypherUnavailable(CypherError):
    """Cypher needs Apache AGE in the database and `pip install 'lightrag-django[cypher]'`."""
