"""Shared by all packages that handle incidents: authorization, unit of work, presenters, audit, change feed.

A module belongs here only if at least two packages above need it; the rules of a feature stay in its package.
"""
