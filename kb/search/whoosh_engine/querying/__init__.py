"""Answer queries from one snapshot of the index: planning, matching, ranking, suggestions.

Reads segments only; does not depend on how they are written or committed.
"""
