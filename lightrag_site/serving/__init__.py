"""ASGI application of the web process and its middleware."""
