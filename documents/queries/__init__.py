"""Read-only queries about documents and the state of their ingestion."""
