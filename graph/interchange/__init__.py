"""A workspace's graph as a file: GraphML, CSV in a ZIP archive, or JSON lines.

A file holds what people see of the graph: names, types, merged descriptions, keywords,
weights and aliases. Which chunk said what stays behind, for it means nothing where the
chunks are not; so what is imported counts as a person's words. Sorted by name, a file
is the same to the byte when it is exported again where it was imported.
"""
