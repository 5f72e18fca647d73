"""The chat page: streamed answers, their evidence, and feedback on them."""
