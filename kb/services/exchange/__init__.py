"""Incidents in bulk: imports from files, and exports.

Formats belong here; the rules for the content of a single incident belong in `incidents`.
"""
