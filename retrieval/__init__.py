"""Retrieval and generation: models and embeddings, search, context, and answers."""
