"""Import and export of a workspace's graph: GraphML, CSV in a ZIP archive, JSON lines.

A file has names, types, merged descriptions, keywords, weights and aliases. It has no
mentions, because they refer to chunks; imported values are stored as edits of a user. Rows
are sorted by name, so the export of an imported file is byte-identical.
"""
