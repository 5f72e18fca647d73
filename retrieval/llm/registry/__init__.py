"""Models by binding name, and the configured models of each role."""
