"""Admin pages of documents, chunks, workspaces, events and the audit trail."""

from documents.admin import audit_entries, chunks, documents, events, workspaces

__all__ = ["audit_entries", "chunks", "documents", "events", "workspaces"]
