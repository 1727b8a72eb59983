"""The way to publication and after: workflow steps, four eyes, completeness, comments, style hints, follow-up actions.

What an incident says is written in `incidents`; this wing decides when it may be read, and what happens next.
"""
