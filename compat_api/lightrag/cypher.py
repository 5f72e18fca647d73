"""`/graph/cypher`: read-only Cypher queries. LightRAG has no such route."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from compat_api.auth import workspace_access
from compat_api.auth.permissions import READ
from compat_api.lightrag.schemas.cypher import CypherAnswer, CypherRequest
from graph.age import agtype, run_cypher

router = Router(tags=["graph"])


@router.post("/graph/cypher", auth=READ, response=CypherAnswer)
def query_graph(request: HttpRequest, body: CypherRequest) -> dict[str, Any]:
    """Run a read-only Cypher query on the graph, with a time and a row limit.

    Vertices have the label `base`, edges `DIRECTED`. Match along directed edges and
    start from a name, e.g. `MATCH (a:base)-[r]->(b) WHERE a.entity_id = $name RETURN
    b`.
    """
    workspace = workspace_access.workspace(request)
    result = run_cypher.run(workspace.pk, body.query, body.parameters, limit=body.limit)
    return {
        "columns": result.columns,
        "rows": [[agtype.plain(value) for value in row] for row in result.rows],
        "is_truncated": result.is_truncated,
    }
