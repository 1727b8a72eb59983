"""Find the terms nearest to the words of another system."""

from __future__ import annotations

import re
from collections import defaultdict

from rapidfuzz import fuzz
from sqlalchemy import select

from kb.domain.text import fold
from kb.models import Term, db
from kb.services.taxonomy.lookup import TermLookup

_WORD = re.compile(r"[^\W\d_]{3,}")
_NEAR = 72
"""The minimum similarity, of 100, at which a name is suggested."""

_STEM = 5
"""How many letters of a word are compared when searching descriptions."""


class TermNames:
    """The current terms, by their names."""

    def __init__(self) -> None:
        self._lookup = TermLookup()
        self._names: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._descriptions: dict[str, list[tuple[str, set[str]]]] = defaultdict(list)
        for term in db.session.scalars(select(Term).where(~Term.retired).order_by(Term.position)):
            names = [term.key.replace("-", " "), *term.aliases, *term.labels.values()]
            self._names[term.namespace] += [(fold(name), term.key) for name in names]
            words = " ".join([*names, *term.descriptions.values()])
            self._descriptions[term.namespace].append((term.key, _stems(words)))

    def keys(self, namespace: str) -> list[str]:
        """The keys of a namespace, in display order."""
        return [key for key, _ in self._descriptions[namespace]]

    def is_known(self, namespace: str, text: str) -> bool:
        """Whether a text is a key, an alias or a label."""
        return self._lookup.get(namespace, text) is not None

    def nearest(self, namespace: str, text: str) -> str | None:
        """The key of the term whose names, or else whose description, are nearest to a text, if any."""
        folded = fold(text)[:100]
        scored = [(fuzz.token_set_ratio(folded, name), key) for name, key in self._names[namespace]]
        score, key = max(scored, key=lambda each: each[0], default=(0.0, ""))
        if score >= _NEAR:
            return key
        stems = _stems(folded)
        shared = [(len(stems & others), key) for key, others in self._descriptions[namespace]]
        count, key = max(shared, key=lambda each: each[0], default=(0, ""))
        return key if count else None


def _stems(text: str) -> set[str]:
    """The prefixes of the words of a text; in Hebrew, also without an attached particle."""
    stems = set()
    for word in _WORD.findall(fold(text)):
        stems.add(word[:_STEM])
        if "א" <= word[0] <= "ת" and word[0] in "הובלכמש" and len(word) > 3:
            stems.add(word[1 : _STEM + 1])
    return stems
