"""Chat models of OpenAI-compatible servers and Ollama, and how their answers are read."""
