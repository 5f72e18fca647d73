"""The ingestion pipeline: from an uploaded file to its place in the graph."""
