"""The terms that classify incidents: list them, look them up by key, alias or label, filter by them.

Counting terms over time belongs in `trends`; loading them from the seeds belongs in `operations`.
"""
