"""Logs, metrics, readiness, request ids and traces."""
