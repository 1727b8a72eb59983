"""Sentences: queries in natural language, such as "can we post a joke on Memorial Day".

In a keyword query, each word matters. A sentence contains words of grammar, words that nearly every incident
has, and often a request, which carries no information about what to find.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from kb.search.analysis import is_stopword, normalize
from kb.search.phrase_table import PhraseTable, entry_of
from kb.search.query import Compound, Word, is_condition
from kb.search.word_forms import entry_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.search.query import Group

MIN_SENTENCE_WORDS = 5
"""Minimum number of informative words in a sentence, besides a stopword. A request needs fewer."""

MIN_REQUESTED_WORDS = 2
"""Minimum number of informative words besides a request."""

_REQUESTS = """
    we want to, I want to, wants to, we wanted to, we would like to, I would like to, we'd like to, I'd like
    to, is it ok to, is it okay to, is it ok if we, is it okay if we, is it ok if, is it okay if, is it fine
    to, is it safe to, is it allowed to, is it appropriate to, is it wise to, is it a good idea to, would it
    be ok to, would it be okay to, would it be a good idea to, are we allowed to, am I allowed to, can we, can
    I, could we, could I, may we, may I, should we, should I, I'm thinking of, I am thinking of, we're
    thinking of, we are thinking of, thinking of, thinking about, we plan to, we're planning to, we are
    planning to, planning to, plans to, we intend to, we're going to, we are going to, we're considering, we
    are considering, what if we, what if I, what happens if we, what happens when, has anyone ever, has
    anybody ever, did anyone ever, did anybody ever, has a brand ever, has any brand ever, has any company
    ever, have any examples of, are there examples of, any examples of, give me examples of, show me, help me
    find, I'm looking for, I am looking for, looking for

    אנחנו רוצים, אנחנו רוצות, אני רוצה, רוצים, רוצות, היינו רוצים, הייתי רוצה, היינו שמחים, בא לנו, בא לי,
    חשבנו, חשבתי, אנחנו חושבים, אני חושב, אני חושבת, חושבים על, חושבות על, חושב על, חושבת על, שוקלים, שוקלות,
    מתכננים, מתכננות, מתכנן, מתכננת, מתכוונים, מתכוונות, אפשר, האם אפשר, מותר, האם מותר, מותר לנו, מותר לי,
    כדאי, האם כדאי, כדאי לנו, זה בסדר, האם זה בסדר, בסדר אם, מה קורה אם, מה יקרה אם, האם מישהו, יש דוגמאות,
    האם יש דוגמאות, יש דוגמה, מחפש, מחפשת, מחפשים, תראו לי, תמצאו לי
"""
"""Phrases that say that one plans or looks for something, in English and Hebrew; case-insensitive."""

_ACTIONS = frozenset(
    map(
        entry_form,
        """
        post posting publish publishing upload uploading put putting make making do doing use using run
        running write writing להעלות לפרסם לעשות לכתוב לצייץ להריץ להשתמש לשים נעלה נפרסם נעשה נכתוב נצייץ
        """.split(),
    )
)
"""Verbs that fit nearly any text or campaign: right after a request, they belong to it."""


def is_sentence(root: Group) -> bool:
    """Whether a query is a sentence: words without signs or operators, apart from conditions."""
    if len(root.should) <= MIN_REQUESTED_WORDS or root.must_not or not all(map(is_condition, root.must)):
        return False
    if not all(isinstance(node, (Word, Compound)) and node.field is None for node in root.should):
        return False
    requests = request_words(root)
    words = [word for word in _texts(root) if word not in requests]
    informative = sum(1 for word in words if not is_stopword(normalize(word)))
    if requests:
        return informative >= MIN_REQUESTED_WORDS
    return MIN_SENTENCE_WORDS <= informative < len(words)


def sentence_words(root: Group) -> list[str]:
    """The words of a query without a sign, in order; compounds are split."""
    found: list[str] = []
    for node in root.should:
        if isinstance(node, Word):
            found.append(node.text)
        elif isinstance(node, Compound):
            found += node.words
    return found


@lru_cache(maxsize=64)  # called several times per search
def request_words(root: Group) -> frozenset[str]:
    """The words of a query that form a request and carry no information about what to find.

    Empty for a query of a few words, or if only stopwords would remain.
    """
    if len(root.should) <= MIN_REQUESTED_WORDS:
        return frozenset()
    typed = [node.text if isinstance(node, Word) and node.field is None else "" for node in root.should]
    asking: set[int] = set()  # places
    for start, end, _ in _requests().spans(typed):
        asking.update(range(start, end))
        if end < len(typed) and entry_form(typed[end]) in _ACTIONS:
            asking.add(end)
    others = (word for place, word in enumerate(typed) if place not in asking)
    if "" not in typed and all(is_stopword(normalize(word)) for word in others):
        return frozenset()
    return frozenset(typed[place] for place in asking)


def _texts(root: Group) -> Iterator[str]:
    return (node.text for node in root.should if isinstance(node, (Word, Compound)))


@cache
def _requests() -> PhraseTable[bool]:
    table: PhraseTable[bool] = PhraseTable(candidates=_as_typed)
    for line in re.split(r",|\n\s*\n", _REQUESTS):
        table.put(tuple(map(entry_form, entry_of(line))), True)
    return table


def _as_typed(word: str) -> Iterable[tuple[int, str]]:
    """A word matches only itself: requests have no other forms."""
    return ((0, entry_form(word)),)
