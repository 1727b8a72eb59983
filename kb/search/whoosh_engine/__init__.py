"""The embedded search engine: Whoosh's schema and commits, with our own segment format and ranking."""

from kb.search.whoosh_engine.engine import WhooshEngine

__all__ = ["WhooshEngine"]
