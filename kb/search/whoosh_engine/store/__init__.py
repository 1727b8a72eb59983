"""Writing the index and keeping it safe: the Whoosh codec, commits, manifests, merges, the index folder.

Knows nothing of queries.
"""
