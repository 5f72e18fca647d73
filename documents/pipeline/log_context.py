"""The document that is being worked on, for whoever logs or watches beneath.

A context variable, so that it reaches model calls on other threads and event loops.
"""

from __future__ import annotations

from contextvars import ContextVar

subject: ContextVar[str] = ContextVar("document", default="")
"""Its public id; empty where no one document is worked on."""
