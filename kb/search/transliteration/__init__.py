"""Find names across scripts: the names in another script that a word sounds like."""

from kb.search.transliteration.index import NameIndex

__all__ = ["NameIndex"]
