"""The embedded search engine: Whoosh, made safe."""

from kb.search.whoosh_engine.engine import WhooshEngine

__all__ = ["WhooshEngine"]
