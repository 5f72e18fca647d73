"""Search index of a workspace: rows, words, changes of the model, and extensions."""
