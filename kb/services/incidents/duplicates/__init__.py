"""Duplicates: find likely ones, mark pairs as distinct, merge, and follow what was merged."""
