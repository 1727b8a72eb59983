"""The words of `kb check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.language import interface_language
from kb.messages import Message
from kb.translation import translated

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS = {
    "stop": Message("STOP"),
    "caution": Message("CAUTION"),
    "note": Message("NOTE"),
    "clear": Message("CLEAR"),
    "stop_mark": Message("STOP {}"),
    "caution_mark": Message("CAUTION {}"),
    "note_mark": Message("NOTE {}"),
    "noted": Message("CLEAR, TO NOTE: {}"),
    "error": Message("NOT CHECKED"),
    "suggestion": Message("Instead: {}"),
    "lesson": Message("Lesson: {}"),
    "from": Message("From: {}"),
    "also": Message("Also: {} {}"),
    "row_note": Message("Note: {}"),
    "clash": Message("Clash: {}"),
    "suppressed": Message("Suppressed: {guard} ({count}): {reason}"),
    "precedents": Message("Precedents"),
    "strong": Message("strong"),
    "weak": Message("weak"),
    "why": Message("In common: {}"),
    "reads_like": Message("Like this sample draft: {}"),
    "own_guard": Message("caught by the same guard"),
    "incident": Message("incident {}"),
    "no_date": Message("no date yet"),
    "summary": Message("Checked {total}: {stop} stop, {caution} caution, {clear} clear{rest}."),
    "unchecked": Message(", {} not checked"),
    "clashing": Message(", {} clashing"),
}


class Words:
    """The words of one language."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.language = interface_language(languages)

    def __call__(self, key: str, *values: object, **named: object) -> str:
        return translated(_WORDS[key], self.language).format(*values, **named)
