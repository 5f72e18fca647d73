"""Mode mix's walk over the graph: personalized PageRank, then a second hop."""
