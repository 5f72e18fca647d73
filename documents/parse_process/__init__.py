"""Parsing and chunking in child processes of limited time, memory and output.

The worker process itself matches no pattern against the text of a document: `client` sends
each document to a process of its own, which `server` forks and `child` runs.
"""
