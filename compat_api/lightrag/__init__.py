"""The routes of LightRAG's own API: documents, graph, queries, health and login."""
