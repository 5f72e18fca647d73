"""Merge of extractions into the graph: merged fields, summaries and removal."""
