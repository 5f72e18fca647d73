"""Labels of the kinds of actors and of the actions in the audit log."""

from __future__ import annotations

from documents.admin_kit.translated_terms import lazily as _
from documents.workspaces.audit import Action, Kind

KIND_LABELS: dict[str, str] = {
    Kind.KEY: _("API key"),
    Kind.ACCOUNT: _("account"),
    Kind.USER: _("user"),
    Kind.GUEST: _("guest"),
    Kind.ANYONE: _("anonymous"),
    Kind.COMMAND: _("command line"),
    Kind.SYSTEM: _("system"),
}

ACTION_LABELS: dict[str, str] = {
    Action.DOCUMENT_ADD: _("document added"),
    Action.DOCUMENT_REPLACE: _("document replaced"),
    Action.DOCUMENT_CHANGE: _("document changed"),
    Action.DOCUMENT_DELETE: _("document deleted"),
    Action.DOCUMENT_CLEAR: _("all documents deleted"),
    Action.DOCUMENT_RETRY: _("document retried"),
    Action.DOCUMENT_CANCEL: _("document stopped"),
    Action.CACHE_CLEAR: _("LLM cache cleared"),
    Action.ENTITY_CREATE: _("entity created"),
    Action.ENTITY_EDIT: _("entity edited"),
    Action.ENTITY_RENAME: _("entity renamed"),
    Action.ENTITY_MERGE: _("entities merged"),
    Action.ENTITY_SPLIT: _("entity unmerged"),
    Action.ENTITY_KEEP_APART: _("entities marked as different"),
    Action.ENTITY_DELETE: _("entity deleted"),
    Action.RELATION_CREATE: _("relation created"),
    Action.RELATION_EDIT: _("relation edited"),
    Action.RELATION_DELETE: _("relation deleted"),
    Action.EDITS_LOST: _("edits lost"),
    Action.GRAPH_IMPORT: _("graph imported"),
    Action.SITE_RESTORE: _("backup restored"),
    Action.WORKSPACE_CREATE: _("workspace created"),
    Action.WORKSPACE_RENAME: _("workspace renamed"),
    Action.WORKSPACE_DELETE: _("workspace deleted"),
    Action.WORKSPACE_REEMBED: _("workspace re-embedded"),
    Action.KEY_MAKE: _("API key created"),
    Action.KEY_REVOKE: _("API key revoked"),
    Action.LOGIN: _("logged in"),
    Action.LOGIN_FAILED: _("login failed"),
    Action.LOGIN_LOCKED: _("login locked"),
}
