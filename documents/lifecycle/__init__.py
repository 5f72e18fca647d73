"""Changes to stored documents: retry, cancel, replace, delete; and to workspaces."""
