"""The routes of the OpenAI dialect: chat completions, responses, embeddings, models."""
