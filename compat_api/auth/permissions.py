"""What a caller must be allowed for each route: the table of every dialect."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from django.http import HttpRequest


class Right(IntEnum):
    """Each holds those before it."""

    NONE = 0
    READ = 1
    WRITE = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """As settings, forms and messages call it."""
        return self.name.lower()


Rule = Callable[[HttpRequest], Right]
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


def of_lightrag(request: HttpRequest) -> Right:
    """LightRAG's routes and ours beside them: what is not named here changes something."""
    method, path = str(request.method), request.path_info.rstrip("/")
    if method in READING or (method == "POST" and path in ASKING):
        return Right.READ
    if (method, path) in RULING or f"{path}/".startswith(f"{WORKSPACES}/"):
        return Right.ADMIN
    return Right.WRITE


def reading(request: HttpRequest) -> Right:
    """OpenAI's and Ollama's routes, which answer and embed and nothing else."""
    return Right.READ


def of_resources(request: HttpRequest) -> Right:
    """`/resources/`: by method alone."""
    return Right.READ if request.method in READING else Right.WRITE
