"""Running an installation: preparing it, loading the seeds, reporting its health.

Nothing here answers a reader's request for incidents.
"""
