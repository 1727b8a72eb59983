"""Pages of collections and imports."""
