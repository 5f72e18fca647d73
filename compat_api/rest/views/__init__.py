"""Views of the resource API, one module for each resource."""
