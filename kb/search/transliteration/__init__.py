"""Names across scripts: which names of another script a word sounds like."""

from kb.search.transliteration.index import NameIndex

__all__ = ["NameIndex"]
