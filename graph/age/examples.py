"""Example queries in Cypher for the admin and the graph page."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Example:
    """An example query.

    All match directed edges, because undirected patterns take seconds in AGE.
    """

    title: str | Promise
    query: str


EXAMPLES = (
    Example(
        _("Best connected entities"),
        "MATCH (a)-[r]->()\nRETURN a, count(r) AS relations\n"
        "ORDER BY relations DESC LIMIT 20",
    ),
    Example(
        _("Outgoing relations of an entity"),
        "MATCH (a)-[r]->(b)\nWHERE a.entity_id = 'NAME'\nRETURN r, b LIMIT 50",
    ),
    Example(
        _("Incoming relations of an entity"),
        "MATCH (a)<-[r]-(b)\nWHERE a.entity_id = 'NAME'\nRETURN r, b LIMIT 50",
    ),
    Example(
        _("Entities two steps away"),
        "MATCH p = (a)-[]->()-[]->(c)\nWHERE a.entity_id = 'NAME'\nRETURN p LIMIT 50",
    ),
    Example(
        _("Entities of a type"),
        "MATCH (a)\nWHERE a.entity_type = 'Person'\n"
        "RETURN a.entity_id AS name, a.description AS description LIMIT 50",
    ),
    Example(
        _("Number of entities by type"),
        "MATCH (a)\nRETURN a.entity_type AS type, count(*) AS entities\n"
        "ORDER BY entities DESC",
    ),
)
