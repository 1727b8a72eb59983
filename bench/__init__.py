"""Measurements: what makes the figures in docs/. Not installed with the package."""
