"""Workspaces, and what all packages share: locks, events, audit, actor, notification."""
