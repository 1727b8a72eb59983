"""The terms that classify incidents: listing them, looking them up by key, alias or label, filtering by them.

How often terms are used over time is counted in `trends`; loading them from the seeds is in `operations`.
"""
