"""The on-disk format of a segment: how documents and postings become arrays, and how they are read back.

Knows nothing of commits, of queries, or of Whoosh.
"""
