"""Code shared by the chat dialects: models, conversations, query fields and tools."""
