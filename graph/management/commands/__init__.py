"""The commands check_graph, dump_schema and resolve_entities."""
