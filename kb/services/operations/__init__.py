"""Operations: preparing an installation, loading the seeds, reporting health.

Nothing here serves incidents to readers.
"""
