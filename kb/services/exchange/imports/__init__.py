"""Imports: write checked lines into a team, by a command or over HTTP, and find likely duplicates."""
