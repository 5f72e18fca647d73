"""Errors that no view answers, in JSON: an address nobody knows, a method it lacks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import is_valid_path
from django.utils.decorators import sync_and_async_middleware

Response = HttpResponseBase
OPENAI_DOORS = ("/v1/", "/api/v1/")
View = Callable[[HttpRequest], Response | Awaitable[Response]]


def detail(status: int, message: str) -> JsonResponse:
    """The body every error of LightRAG has."""
    return JsonResponse({"detail": message}, status=status)


def not_found(request: HttpRequest) -> JsonResponse:
    """For an address nobody knows, in the shape of whose door it is before."""
    if not request.path_info.startswith(OPENAI_DOORS):
        return detail(404, "Not Found")
    error = {"message": "Not Found", "type": "invalid_request_error"}
    return JsonResponse({"error": error | {"param": None, "code": None}}, status=404)


def without_slash(request: HttpRequest) -> Response | None:
    """To the address without the slash at its end, if there is one, as FastAPI does."""
    bare = request.path_info.rstrip("/")
    if bare == request.path_info or not is_valid_path(bare):
        return None
    query = request.META.get("QUERY_STRING", "")
    location = request.path.rstrip("/") + (f"?{query}" if query else "")
    return HttpResponse(status=307, headers={"Location": location})


def readable(request: HttpRequest) -> bool:
    """PostgreSQL takes no NUL in a text, so no address has one."""
    return "\0" not in request.path


def replace(request: HttpRequest, response: Response) -> Response:
    """LightRAG's body in place of Django's page; other answers pass."""
    if response.status_code == 404 and request.resolver_match is None:
        return without_slash(request) or not_found(request)
    if response.status_code == 405 and not isinstance(response, JsonResponse):
        answer = detail(405, "Method Not Allowed")
        answer["Allow"] = response.get("Allow", "")
        return answer
    return response


@sync_and_async_middleware
def JsonErrors(get_response: View) -> View:  # noqa: N802 - named in MIDDLEWARE
    """Django middleware; the innermost, so that it sees what the resolver said."""
    if iscoroutinefunction(get_response):

        async def over_async(request: HttpRequest) -> Response:
            if not readable(request):
                return not_found(request)
            return replace(request, await get_response(request))

        return over_async

    def over_sync(request: HttpRequest) -> Response:
        if not readable(request):
            return not_found(request)
        response = get_response(request)
        assert isinstance(response, HttpResponse | Response)
        return replace(request, response)

    return over_sync
