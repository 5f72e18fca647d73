"""Versions of LightRAG whose API the server implements; clients compare them."""

CORE_VERSION = "1.5.7"
API_VERSION = "0344"
