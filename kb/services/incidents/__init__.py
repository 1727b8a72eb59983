"""Incidents: read, file, change and translate them, with their history, and merge duplicates.

Workflow steps belong to `review`, bulk import and export to `exchange`.
"""
