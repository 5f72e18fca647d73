"""Limits on model calls: per process, and per provider for all processes."""
