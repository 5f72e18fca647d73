"""Token usage: recording calls, storing them, and the daily budget."""
