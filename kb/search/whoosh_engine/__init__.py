"""The embedded search engine: Whoosh's schema and commits, with a segment format and ranking of our own."""

from kb.search.whoosh_engine.engine import WhooshEngine

__all__ = ["WhooshEngine"]
