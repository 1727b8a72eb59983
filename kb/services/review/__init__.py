"""Review: workflow steps, the four-eyes rule, completeness, comments, style hints, templates, follow-ups.

This package decides when an incident may be published, and tracks follow-up actions. Writing an
incident's content belongs to `incidents`.
"""
