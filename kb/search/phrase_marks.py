"""Find the phrases of a query in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.language import primary_subtag
from kb.search.analysis import index_term, tokens
from kb.search.words import has_tags, has_unspaced, tags_with_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kb.search.analysis import Token

Mark = tuple[int, int, str]
"""A match in a text: its start and end offsets and the term. A plain tuple, because there are many."""


def phrase_matches(
    text: str, language: str, matches: list[Mark], phrases: Sequence[tuple[frozenset[str], ...]]
) -> Iterator[Mark]:
    """The matches of phrases, given the matches of their terms."""
    by_first: dict[str, list[tuple[frozenset[str], ...]]] = {}
    for phrase in phrases:
        for term in phrase[0] if phrase else ():
            by_first.setdefault(term, []).append(phrase)
    if has_tags(text):
        yield from _phrases_in_tags(text, language, phrases)
    starts = [mark for mark in matches if mark[2] in by_first]
    if not starts:
        return
    tokens_from = _tokens_from(text, language)
    for start, _, term in starts:
        candidates = by_first[term]
        for number, token in enumerate(tokens_from(start)):
            candidates = [phrase for phrase in candidates if token.term in phrase[number]]
            if any(len(phrase) == number + 1 for phrase in candidates):
                yield start, token.end, term
                candidates = [phrase for phrase in candidates if len(phrase) > number + 1]
            if not candidates:
                break


def _tokens_from(text: str, language: str) -> Callable[[int], Iterator[Token]]:
    """Return a function that yields the tokens of a text from an offset on, where a token must start.

    Few tokens are needed, so most of a text is not tokenized, unless its words have no spaces between them.
    """
    if not has_unspaced(text):
        return lambda start: tokens(text, language, start)
    every = list(tokens(text, language))
    number_at = {token.start: number for number, token in enumerate(every)}
    return lambda start: (every[number] for number in range(number_at.get(start, len(every)), len(every)))


def _phrases_in_tags(
    text: str, language: str, phrases: Sequence[tuple[frozenset[str], ...]]
) -> Iterator[Mark]:
    """Yield a mark of the whole hashtag for each phrase in it."""
    for tag, parts in tags_with_parts(text):
        terms = [index_term(part, primary_subtag(language)) for part in parts]
        for phrase in phrases:
            for first in range(len(terms) - len(phrase) + 1 if phrase else 0):
                run = terms[first : first + len(phrase)]
                if all(term in position for term, position in zip(run, phrase, strict=True)):
                    yield tag.start(), tag.end(), run[0]
