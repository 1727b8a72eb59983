"""Answering queries from one snapshot of the index: planning, matching, ranking, suggestions.

Reads segments; writes nothing, and knows nothing of how they are committed.
"""
