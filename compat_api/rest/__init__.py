"""Resource API at `/resources/`: lists, files and the graph as REST resources."""
