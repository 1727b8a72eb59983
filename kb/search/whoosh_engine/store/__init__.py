"""Writing the index and keeping it safe: the Whoosh codec, the commits, the manifests, the merges, the folder.

Knows nothing of queries.
"""
