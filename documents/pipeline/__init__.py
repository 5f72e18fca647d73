"""The ingestion pipeline: from an uploaded file to the graph."""
