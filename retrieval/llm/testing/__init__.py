"""Models that need no provider, for tests and demonstrations."""
