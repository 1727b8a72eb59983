"""The way to publication and after: workflow, four eyes, completeness, comments, style hints, follow-ups.

What an incident says is written in `incidents`; this wing decides when it may be read, and what happens next.
"""
