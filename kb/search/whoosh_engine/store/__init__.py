"""Write and protect the index: the Whoosh codec, commits, manifests, merges, the index folder.

Knows nothing of queries.
"""
