"""Benchmarks of answers: follow-ups, nothing found, quotations and the support check."""
