"""Measure search modes against questions whose relevant chunks are known."""
