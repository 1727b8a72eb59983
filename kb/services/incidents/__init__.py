"""Incidents: reading, filing, changing, translating, history, and merging duplicates.

Workflow steps belong to `review`, bulk import and export to `exchange`.
"""
