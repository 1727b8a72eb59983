"""Counting incidents: by time and by group, from columns in memory that follow the change feed.

Charts and URLs are up to the code that presents a report.
"""
