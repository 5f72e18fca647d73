"""APIs and web pages: dialects, authentication, MCP and the web interface."""
