"""What a caller must be allowed for each route: the table of every dialect."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from compat_api.models import Role

Rule = Callable[[HttpRequest], Role]
READING = {"GET", "HEAD", "OPTIONS"}
ASKING = {
    "/query",
    "/query/stream",
    "/query/data",
    "/documents/paginated",
    "/graph/cypher",
}
"""What is asked by POST and changes nothing."""
RULING = {
    ("DELETE", "/documents"),
    ("POST", "/documents/clear_cache"),
    ("POST", "/documents/recovery/force_reset"),
}
"""What concerns a whole workspace at once."""
WORKSPACES = "/workspaces"
"""Making, renaming and deleting them; whoever may read one may list it."""


def of_lightrag(request: HttpRequest) -> Role:
    """LightRAG's routes and ours beside them: what is not named here changes something."""
    method, path = str(request.method), request.path_info.rstrip("/")
    if method in READING or (method == "POST" and path in ASKING):
        return Role.READ
    if (method, path) in RULING or f"{path}/".startswith(f"{WORKSPACES}/"):
        return Role.ADMIN
    return Role.WRITE


def reading(request: HttpRequest) -> Role:
    """OpenAI's and Ollama's routes, which answer and embed and nothing else."""
    return Role.READ


def of_resources(request: HttpRequest) -> Role:
    """`/resources/`: by method alone."""
    return Role.READ if request.method in READING else Role.WRITE
