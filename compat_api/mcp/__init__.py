"""MCP server: tools and resources, and their HTTP transport."""
