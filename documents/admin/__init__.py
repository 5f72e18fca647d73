"""Documents, their chunks and their workspaces, for staff."""

from documents.admin import chunks, documents, events, workspaces

__all__ = ["chunks", "documents", "events", "workspaces"]
