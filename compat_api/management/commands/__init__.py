"""Commands for API keys, passwords, MCP and graph files."""
