"""Language models, embedders and rerankers: bindings, limits, retries, usage and cache.

The modules of this package itself are the shared base: they import none of its
subpackages.
"""
