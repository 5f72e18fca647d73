"""The graph page: parts of the graph, details, edits, and Cypher queries."""
