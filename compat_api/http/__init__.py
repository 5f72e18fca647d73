"""HTTP building blocks of the dialects: parsing, errors, limits, streams, OpenAPI."""
