"""Search: queries and their language, text analysis, and the search engines. Knows no SQL."""
