"""From search results to a prompt's context: reranking, budgets, references, citations."""
