"""The steps of ingestion: parse, extract, embed, merge."""
