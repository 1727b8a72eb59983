"""Backups: one file with the database and the team's own files, what it takes to make one, to prove that it
restores, and to restore it."""
