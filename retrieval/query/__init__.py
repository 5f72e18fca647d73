"""The read path: analyse a question, search, build the context, generate the answer."""
