"""Backups: make, verify and restore a file with the database and the team's own files."""
