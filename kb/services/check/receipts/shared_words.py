"""The words that a draft shares with its precedents, as the precedents spell them.

A receipt without text must not keep the draft's own spelling of a word.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kb.domain.permissions import audiences_for
from kb.search.engine import IndexUnusableError
from kb.services.infrastructure.runtime import engine
from kb.services.search.visible_hits import kept_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kb.domain.permissions import Actor

MAX_CHARACTERS = 50_000
"""How much of the texts of a precedent in one language is searched; some have millions of characters."""


def with_precedents_spelling(actor: Actor, precedents: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Precedents of a result, in which `why.words` are spelled as in the incident.

    A word is left out if the incident no longer has it in any form.
    """
    listed = [*precedents]
    spelled: Mapping[int, Sequence[str]] = {}
    with suppress(IndexUnusableError):
        spelled = spelled_in_incidents(
            actor, {item["incident"]["id"]: item["why"]["words"] for item in listed if item["why"]["words"]}
        )
    return [
        {**item, "why": {**item["why"], "words": spelled.get(item["incident"]["id"], [])}} for item in listed
    ]


def spelled_in_incidents(actor: Actor, shared: Mapping[int, Iterable[str]]) -> dict[int, list[str]]:
    """Words by incident, in the nearest form that its texts have; words in none are left out.

    Raises IndexUnusableError.
    """
    words = {word for each in shared.values() for word in each}
    index = engine().word_forms(words, shared, audiences_for(actor))
    spelled: dict[int, list[str]] = {}
    for incident, stored in index.stored.items():
        texts = kept_content(stored)["texts"].values()
        text = "\n".join(each["joined"][:MAX_CHARACTERS] for each in texts)
        folded = text.casefold()
        found = (_first_of(index.forms[word], text, folded) for word in shared[incident])
        spelled[incident] = [*dict.fromkeys(filter(None, found))]
    return spelled


def _first_of(forms: Iterable[str], text: str, folded: str) -> str | None:
    """The first of some case-folded forms that a text has as a word of its own, as the text spells it."""
    for form in forms:
        if (start := _find_word(folded, form)) is not None:
            # A few letters change the length of a text when they are case-folded.
            return text[start : start + len(form)] if len(text) == len(folded) else form
    return None


def _find_word(text: str, form: str) -> int | None:
    """The offset of the first occurrence of a form that is no part of a longer word."""
    start = text.find(form)
    while start >= 0:
        end = start + len(form)
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()):
            return start
        start = text.find(form, end)
    return None
