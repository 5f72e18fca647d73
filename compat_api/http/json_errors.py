"""JSON errors for requests that no view answers: unknown paths and methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import is_valid_path
from django.utils.decorators import sync_and_async_middleware

from compat_api.http import dialects

Response = HttpResponseBase
View = Callable[[HttpRequest], Response | Awaitable[Response]]


def not_found(request: HttpRequest) -> JsonResponse:
    """Return 404 in the form of the dialect that the path belongs to."""
    body = dialects.error_body(request.path_info, "Not Found")
    return JsonResponse(body, status=404)


def redirect_without_slash(request: HttpRequest) -> Response | None:
    """Redirect to the path without its trailing slash if that exists, as FastAPI does."""
    path = request.path_info.rstrip("/")
    if path == request.path_info or not is_valid_path(path):
        return None
    query = request.META.get("QUERY_STRING", "")
    location = request.path.rstrip("/") + (f"?{query}" if query else "")
    return HttpResponse(status=307, headers={"Location": location})


def is_valid(request: HttpRequest) -> bool:
    """Return False for a path with NUL, which PostgreSQL cannot store in a text."""
    return "\0" not in request.path


def replace_html(request: HttpRequest, response: Response) -> Response:
    """Return JSON in place of Django's error pages; other responses are unchanged."""
    if response.status_code == 404 and request.resolver_match is None:
        return redirect_without_slash(request) or not_found(request)
    if response.status_code == 405 and not isinstance(response, JsonResponse):
        answer = JsonResponse({"detail": "Method Not Allowed"}, status=405)
        answer["Allow"] = response.get("Allow", "")
        return answer
    return response


@sync_and_async_middleware
def JsonErrors(get_response: View) -> View:  # noqa: N802 - named in MIDDLEWARE
    """Replace HTML errors; the innermost middleware, directly around the resolver."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> Response:
            if not is_valid(request):
                return not_found(request)
            return replace_html(request, await get_response(request))

        return handle_async

    def handle(request: HttpRequest) -> Response:
        if not is_valid(request):
            return not_found(request)
        response = get_response(request)
        assert isinstance(response, HttpResponse | Response)
        return replace_html(request, response)

    return handle
