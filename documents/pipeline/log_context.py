"""The document that a task works on, for the log lines and spans below it."""

from __future__ import annotations

from contextvars import ContextVar

document_id: ContextVar[str] = ContextVar("document", default="")
"""The document's public id; empty if the task does not process a single document.

A context variable, so that it reaches model calls on other threads and event loops.
"""
