"""Receipts of checks: stored, read, repeated, overridden and counted."""
