"""Clients of Amazon Bedrock's runtime API.

botocore looks up and renews credentials, signs requests and decodes event streams. Its own
HTTP client blocks a thread per request and can't use the relay, so httpx sends the requests.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from functools import cached_property
from typing import Any
from urllib.parse import quote

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.eventstream import EventStreamBuffer, EventStreamMessage, ParserError
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from retrieval.llm.clients import error_bodies, http, http_errors
from retrieval.llm.clients.http_errors import (
    HTTPX_RULES,
    Failure,
    Rule,
    translate_errors,
)
from retrieval.llm.config import AwsConfig, ChatConfig, EmbeddingConfig, bedrock_address
from retrieval.llm.errors import (
    BadAnswer,
    BadCredentials,
    ContextTooLong,
    LLMError,
    NotConfigured,
    ProviderDown,
)

# Its debug messages contain session tokens.
logging.getLogger("botocore").setLevel(logging.INFO)

SERVICE = "bedrock"
_SLICE = 16_384
"""Bytes decoded at a time: for each event the decoder copies the remaining bytes."""
_STATUSES = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "UnrecognizedClientException": 403,
    "ThrottlingException": 429,
    "ServiceQuotaExceededException": 429,
    "ModelTimeoutException": 408,
    "InternalServerException": 500,
    "ModelErrorException": 500,
    "ModelStreamErrorException": 500,
    "ServiceUnavailableException": 503,
    "ValidationException": 400,
}
"""Statuses by exception: events have none, and some statuses are misleading (424)."""
_TOO_LONG = ("input is too long", "too many input tokens", "expected maxLength")
"""Parts of the messages of Claude, Titan and Cohere about a text that is too long."""


def _no_credentials(failure: Failure) -> LLMError:
    return BadCredentials(failure.text)


def _damaged(failure: Failure) -> LLMError:
    return BadAnswer(f"{failure.label}: the event stream is damaged.")


ERROR_RULES: tuple[Rule, ...] = (
    (BotoCoreError, _no_credentials),
    (ParserError, _damaged),
    *HTTPX_RULES,
)


class BedrockClient:
    """A client for one event loop. It does not retry; its callers do."""

    def __init__(self, config: ChatConfig | EmbeddingConfig) -> None:
        """Raise NotConfigured if no region is known."""
        access = AwsAccess(config.aws)
        self.host = config.host or bedrock_address(access.region)
        self.label = f"{config.model} at {self.host}"
        self._model = quote(config.model, safe="")
        self._http = http.make(config, self.host, access)

    async def post(self, operation: str, body: dict[str, Any]) -> Any:
        """Return the answer of `converse` or `invoke`."""
        with translate_errors(self.label, ERROR_RULES):
            response = await self._http.post(self._path(operation), json=body)
            _check(response, self.label)
            return response.json()

    async def events(
        self, body: dict[str, Any]
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Yield the events of `converse-stream`."""
        has_begun = False
        with translate_errors(self.label, ERROR_RULES, lambda: has_begun):
            path = self._path("converse-stream")
            async with self._http.stream("POST", path, json=body) as response:
                if not response.is_success:
                    await response.aread()
                _check(response, self.label)
                async for message in _messages(response.aiter_bytes()):
                    has_begun = True
                    yield _event(message, self.label)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _path(self, operation: str) -> str:
        return f"/model/{self._model}/{operation}"


class AwsAccess(httpx.Auth):
    """The authentication of requests: a bearer token (Bedrock API key) or a signature."""

    requires_request_body = True

    def __init__(self, config: AwsConfig) -> None:
        self._config = config

    @cached_property
    def region(self) -> str:
        """The region; raises NotConfigured if neither settings nor AWS files have it."""
        region = self._config.region or self._session.get_config_variable("region")
        if not region:
            raise NotConfigured("The binding bedrock needs a region: set AWS_REGION.")
        return str(region)

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Add the headers; the lookup of credentials may use the network."""
        request.headers.update(await asyncio.to_thread(self._headers, request))
        yield request

    def _headers(self, request: httpx.Request) -> dict[str, str]:
        if self._config.bearer_token and not self._config.access_key_id:
            return {"Authorization": f"Bearer {self._config.bearer_token}"}
        signed = AWSRequest(
            request.method,
            str(request.url),
            {"Content-Type": request.headers["content-type"]},
            request.content,
        )
        SigV4Auth(self._credentials(), SERVICE, self.region).add_auth(signed)
        return dict(signed.headers.items())

    def _credentials(self) -> ReadOnlyCredentials:
        """Return the credentials, renewed if they expire soon."""
        credentials = self._session.get_credentials()
        if credentials is None:
            raise BadCredentials(
                "No AWS credentials were found: set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, AWS_BEARER_TOKEN_BEDROCK or AWS_PROFILE."
            )
        frozen: ReadOnlyCredentials = credentials.get_frozen_credentials()
        return frozen

    @cached_property
    def _session(self) -> Session:
        config = self._config
        session = Session(profile=config.profile or None)
        if config.access_key_id:
            session.set_credentials(
                config.access_key_id,
                config.secret_access_key,
                config.session_token or None,
            )
        return session


async def _messages(parts: AsyncIterator[bytes]) -> AsyncIterator[EventStreamMessage]:
    buffer = EventStreamBuffer()
    async for part in parts:
        for start in range(0, len(part), _SLICE):
            buffer.add_data(part[start : start + _SLICE])
            for message in buffer:
                yield message


def _event(message: EventStreamMessage, label: str) -> dict[str, Any]:
    """Return the content of an event; raise our error for an exception."""
    headers = message.headers
    body: dict[str, Any] = json.loads(message.payload or b"{}")
    if headers.get(":message-type") == "event":
        return body
    name = str(headers.get(":exception-type") or headers.get(":error-code") or "")
    text = error_bodies.describe(body)[1] or str(headers.get(":error-message") or "")
    raise _error(name[:1].upper() + name[1:], text, label)


def _check(response: httpx.Response, label: str) -> None:
    """Raise our error unless the response is a success; its body has been read."""
    if response.is_success:
        return
    name = response.headers.get("x-amzn-errortype", "").split(":")[0]
    _, message = error_bodies.describe(error_bodies.parse(response.text))
    raise _error(name, message, label, response)


def _error(
    name: str, message: str, label: str, response: httpx.Response | None = None
) -> LLMError:
    # After its first line, the message about a wrong signature repeats the request's headers.
    message = message.partition("\n")[0]
    status = _STATUSES.get(name) or (response.status_code if response else 0)
    text = f"{label}: {status or ''} {message} ({name or 'no reason given'})"
    if any(part in message for part in _TOO_LONG):
        return ContextTooLong(text)
    if not status:
        return ProviderDown(text)
    return http_errors.from_status(status, text, response.headers if response else {})
