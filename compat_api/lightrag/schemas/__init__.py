"""Request and response schemas of LightRAG's API."""
