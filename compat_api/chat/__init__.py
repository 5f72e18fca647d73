"""What the chat dialects share: models, conversations, query fields and tools."""
