"""TLS of the requests to providers."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def context() -> ssl.SSLContext:
    """Return the context of all clients of this process.

    Each context loads the certificate authorities, which takes 50 to 150 ms.
    """
    return httpx.create_ssl_context()
