"""Finding incidents: search, suggestions, similar incidents, and keeping the index in sync with the database.

Ranking and index files belong to `kb.search`; this package adds permissions, stored content and the taxonomy.
"""
