"""Importers of data from other programs."""
