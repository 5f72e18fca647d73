"""The list of documents, the page of one document, and uploads."""
