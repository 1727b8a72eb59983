"""Review: workflow steps, the four-eyes rule, completeness, comments, style hints, templates, follow-ups.

This wing decides when an incident may be published, and keeps track of what follows from it. Writing an
incident's content belongs to `incidents`.
"""
