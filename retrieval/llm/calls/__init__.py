"""Retries, tracing and the response cache around model calls."""
