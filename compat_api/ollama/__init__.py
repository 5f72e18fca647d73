"""The routes of the Ollama dialect: chat, generate, embeddings and models."""
