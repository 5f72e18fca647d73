"""Customized texts and logos of LightRAG's pages (UI_TEMPLATES_DIR)."""
