"""What can be wrong with a Cypher query.

CypherError
├── InvalidCypher      the query cannot be run, or may not
├── CypherTimeout      it took too long
└── CypherUnavailable  Apache AGE or its Python package is missing
"""

from __future__ import annotations

from graph.errors import GraphError


class CypherError(GraphError):
    """The query could not be run."""


class InvalidCypher(CypherError):
    """The query is not valid."""


class CypherTimeout(CypherError):
    """The query took too long: match along directed edges, start from a name, LIMIT."""


class CypherUnavailable(CypherError):
    """Cypher needs Apache AGE in the database and `pip install 'lightrag-django[cypher]'`."""
