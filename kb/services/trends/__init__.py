"""Counting incidents: by time and by group, from columns in memory that follow the change feed.

Drawing charts and writing URLs belong to whoever presents a report.
"""
