"""Models that need no provider, for tests and trying things out."""
