"""Extraction without a language model: English by spaCy, Chinese by LAC."""
