"""The incident itself: reading, filing, changing, translating, its history, and merging duplicates.

Steps of the workflow belong to `review`; bulk import and export belong to `exchange`.
"""
