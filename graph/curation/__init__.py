"""Changes of the graph by a user: edits, merges, their undo, and duplicates."""
