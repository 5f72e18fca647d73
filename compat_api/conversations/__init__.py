"""Conversations of the chat page, stored for users who log in."""
