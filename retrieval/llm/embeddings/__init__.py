"""Embedding models: in this process, of OpenAI-compatible servers and of Ollama."""
