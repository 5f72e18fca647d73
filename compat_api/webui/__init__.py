"""The web pages below `/webui/`: documents, graph and chat, and their JavaScript."""
