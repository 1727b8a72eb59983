"""A knowledge base of brand and social-media failures."""

__version__ = "0.2.0"
