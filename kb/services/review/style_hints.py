"""Style hints: wording in an incident's texts that does not belong in a blameless postmortem.

They only advise: no write is refused because of them. The API calls them `notes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.incident import TEXT_FIELDS
from kb.domain.language import primary_subtag
from kb.services.review.blameless_rules import current_rules, hints_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_HINTS = 20
"""The maximum number of hints on one text."""


def style_hints(texts: Mapping[str, Any], organization: str, language: str) -> list[dict[str, Any]]:
    """Hints on the texts of an incident or of an input, in JSON form; naming the organization is fine.

    They are in Hebrew for Hebrew texts, else in English. Long texts take a while, so call this outside a
    transaction.
    """
    rules = current_rules()
    hint_language = "he" if primary_subtag(language) == "he" else "en"
    return [
        {"pointer": pointer, "kind": hint.kind, "passage": hint.passage, "detail": hint.detail[hint_language]}
        for pointer, text in _by_pointer(texts)
        for hint in hints_of(rules, text, organization)[:MAX_HINTS]
    ]


def _by_pointer(texts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in TEXT_FIELDS:
        if text := texts.get(field):
            yield f"/{field}", text
    for position, lesson in enumerate(texts.get("lessons", ())):
        yield f"/lessons/{position}/text", lesson["text"]
