"""HTTP requests to a parser that is a service, with retries and a bound on its result."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tenacity import (
    AsyncRetrying,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential,
)

from documents.errors import ServiceFailed

CONNECT_SECONDS = 10.0
TIMEOUT = httpx.Timeout(120.0, connect=CONNECT_SECONDS)
MAX_RESULT_BYTES = 512 * 1024 * 1024
"""Upper bound on a result, LightRAG's for a download."""
ATTEMPTS = 8
"""Attempts of a request, within about a minute."""
TEMPORARY = frozenset({429, 502, 503, 504})
MAX_DETAIL = 300
"""Characters of a service's own error message that are shown."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is connected; `setting` names its URL."""

    name: str
    setting: str
    http: httpx.AsyncClient

    async def submit(
        self, path: str, file: Path, name: str, fields: Mapping[str, Any]
    ) -> httpx.Response:
        """Send a file as a multipart form; return the response, also one of an error."""
        async for attempt in _retrying():
            with attempt, _form(file, name, fields) as form:
                response = await self.http.post(path, **form)
                _raise_if_temporary(response)
        return response

    async def submit_and_save(
        self,
        path: str,
        file: Path,
        name: str,
        fields: Mapping[str, Any],
        target: Path,
        seconds: float,
    ) -> None:
        """Send a file, wait for up to `seconds`, and store the body of the response."""
        timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS)
        with _form(file, name, fields) as form:
            await self._save("POST", path, target, timeout=timeout, **form)

    async def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Return the JSON object at a path. Raises ServiceFailed."""
        async for attempt in _retrying():
            with attempt:
                response = await self.http.get(path, params=params)
                _raise_if_temporary(response)
        return self.json(response)

    async def download(self, path: str, target: Path) -> None:
        """Store the body at a path in the file `target`. Raises ServiceFailed."""
        async for attempt in _retrying():
            with attempt:
                await self._save("GET", path, target)

    async def _save(self, method: str, path: str, target: Path, **options: Any) -> None:
        async with self.http.stream(method, path, **options) as response:
            _raise_if_temporary(response)
            if response.is_error:
                await response.aread()
                raise self.refused(response)
            await self._write(response, target)

    async def _write(self, response: httpx.Response, target: Path) -> None:
        size = 0
        with target.open("wb") as file:
            async for part in response.aiter_bytes():
                size += len(part)
                if size > MAX_RESULT_BYTES:
                    raise self.failed(
                        f"The result is longer than {MAX_RESULT_BYTES >> 20} MiB."
                    )
                await asyncio.to_thread(file.write, part)

    def json(self, response: httpx.Response) -> dict[str, Any]:
        """Return the JSON object of a response. Raises ServiceFailed."""
        if response.is_error:
            raise self.refused(response)
        try:
            value = response.json()
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise self.failed(f"{response.url.path} did not return a JSON object.")
        return value

    def refused(self, response: httpx.Response) -> ServiceFailed:
        """Return the error for a response with an error status."""
        return self.failed(f"Status {response.status_code}: {detail(response)}")

    def failed(self, reason: str) -> ServiceFailed:
        """Return an error that names the service, its URL and the setting."""
        url = str(self.http.base_url).rstrip("/")
        return ServiceFailed(f"{self.name} at {url} ({self.setting}): {reason}")


@asynccontextmanager
async def connected(name: str, setting: str, endpoint: str) -> AsyncIterator[Service]:
    """Connect to a service. Errors of the connection are raised as ServiceFailed."""
    async with httpx.AsyncClient(base_url=endpoint, timeout=TIMEOUT) as http:
        service = Service(name, setting, http)
        try:
            yield service
        except httpx.HTTPStatusError as error:
            raise service.refused(error.response) from error
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise service.failed(f"It can't be reached: {reason}") from error


def detail(response: httpx.Response) -> str:
    """Return the message in the body of an error, shortened."""
    try:
        body = json.loads(response.text)
    except ValueError:
        body = response.text
    message = body.get("detail", body) if isinstance(body, dict) else body
    text = message if isinstance(message, str) else json.dumps(message)
    return text[:MAX_DETAIL]


@contextmanager
def _form(file: Path, name: str, fields: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Open a file and return the arguments of httpx for a multipart form."""
    with file.open("rb") as content:
        files = {"files": (name, content, "application/octet-stream")}
        yield {"data": dict(fields), "files": files}


def _retrying() -> AsyncRetrying:
    """Return the retries of one request; the last error is raised unchanged."""
    return AsyncRetrying(
        retry=retry_if_exception(_is_temporary),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=0.5, max=20),
        reraise=True,
    )


def _is_temporary(error: BaseException) -> bool:
    return isinstance(error, httpx.TransportError | httpx.HTTPStatusError)


def _raise_if_temporary(response: httpx.Response) -> None:
    if response.status_code in TEMPORARY:
        raise httpx.HTTPStatusError(
            "temporary", request=response.request, response=response
        )
