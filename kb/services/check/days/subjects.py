"""Tell incidents about a day from those that only happened on it."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.caches import LruCache
from kb.models import IncidentText, db
from kb.search.observance_names import observance_names
from kb.search.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENTRY_BYTES = 300
"""The approximate memory of a cache entry: the hash of a text, and the days that it names."""

_remembered: LruCache[frozenset[str]] = LruCache(4_000 * _ENTRY_BYTES)


def observances_named(ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The keys of the observances that incidents are about: those that a title or summary names.

    In a summary, a date alone names none: it tells when it happened.
    """
    columns = (IncidentText.incident_id, IncidentText.title, IncidentText.summary)
    found: dict[int, frozenset[str]] = {}
    for number, title, summary in db.session.execute(
        select(*columns).where(IncidentText.incident_id.in_(sorted(ids)))
    ):
        in_title = _named(title, is_date_enough=True)
        in_summary = _named(summary, is_date_enough=False)
        found[number] = found.get(number, frozenset()) | in_title | in_summary
    return found


def _named(text: str, *, is_date_enough: bool) -> frozenset[str]:
    key = (blake2b(text.encode(), digest_size=16).digest(), is_date_enough)
    found = _remembered.get(key)
    if found is None:
        found = _find_named(text, is_date_enough=is_date_enough)
        _remembered.put(key, found, _ENTRY_BYTES)
    return found


def _find_named(text: str, *, is_date_enough: bool) -> frozenset[str]:
    text_words = words(text)
    names = observance_names()
    if not names.has_any(text_words):
        return frozenset()
    return frozenset(
        key
        for day in names.named(text_words)
        if is_date_enough or not any(map(_has_digit, text_words[day.start : day.end]))
        for key in day.keys
    )


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))
