"""Incidents in bulk: what comes in from files, and what goes out.

A format belongs here; what a single incident may contain is decided in `incidents`.
"""
