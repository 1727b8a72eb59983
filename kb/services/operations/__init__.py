"""Operations: prepare an installation, load the seeds, report health.

Nothing here serves incidents to readers.
"""
