"""Context variable with the document that a task processes, for its log lines and spans."""

from __future__ import annotations

from contextvars import ContextVar

document_id: ContextVar[str] = ContextVar("document", default="")
"""The document's public id; empty if the task does not process a single document.

A context variable, so that it reaches model calls on other threads and event loops.
"""
