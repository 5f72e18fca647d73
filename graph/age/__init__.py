"""Apache AGE: read-only Cypher queries, their values, and the projection of the tables."""
