"""Management commands: measure the search modes."""
