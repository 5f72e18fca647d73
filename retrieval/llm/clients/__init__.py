"""HTTP clients of the providers, and the mapping of their exceptions to ours."""
