"""The words of `kb check`, in English and in Hebrew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.language import interface_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WORDS: Mapping[str, Mapping[str, str]] = {
    "stop": {"en": "STOP", "he": "לא לפרסם עדיין"},
    "caution": {"en": "CAUTION", "he": "כדאי לשקול שוב לפני הפרסום"},
    "note": {"en": "NOTE", "he": "הערה"},
    "clear": {"en": "CLEAR", "he": "לא נמצאו בעיות"},
    "stop_mark": {"en": "STOP", "he": "לא לפרסם:"},
    "caution_mark": {"en": "CAUTION", "he": "לשיקול:"},
    "note_mark": {"en": "NOTE", "he": "הערה:"},
    "noted": {"en": "CLEAR, TO NOTE: {}", "he": "לא נמצאו בעיות, לתשומת לב: {}"},
    "error": {"en": "NOT CHECKED", "he": "לא נבדק"},
    "suggestion": {"en": "Instead: {}", "he": "במקום זה: {}"},
    "lesson": {"en": "Lesson: {}", "he": "לקח: {}"},
    "from": {"en": "From: {}", "he": "מתוך: {}"},
    "also": {"en": "Also: {} {}", "he": "וגם: {} {}"},
    "row_note": {"en": "Note: {}", "he": "הערה: {}"},
    "clash": {"en": "Clash: {}", "he": "התנגשות: {}"},
    "suppressed": {
        "en": "Suppressed: {guard} ({count}): {reason}",
        "he": "הושתק: {guard} ({count}): {reason}",
    },
    "precedents": {"en": "Precedents", "he": "תקדימים"},
    "strong": {"en": "strong", "he": "חזק"},
    "weak": {"en": "weak", "he": "חלש"},
    "why": {"en": "In common: {}", "he": "משותף: {}"},
    "reads_like": {"en": "Like this sample draft: {}", "he": "דומה לטיוטה לדוגמה: {}"},
    "own_guard": {"en": "caught by the same guard", "he": "נתפס באותו כלל"},
    "outcome": {"en": "Outcome: {}", "he": "איך זה נגמר: {}"},
    "incident": {"en": "incident {}", "he": "אירוע {}"},
    "no_date": {"en": "no date yet", "he": "ללא תאריך"},
    "summary": {
        "en": "Checked {total}: {stop} stop, {caution} caution, {clear} clear{rest}.",
        "he": "נבדקו {total}: {stop} לא לפרסם עדיין, {caution} לשקול שוב, {clear} ללא בעיות{rest}.",
    },
    "unchecked": {"en": ", {} not checked", "he": ", {} לא נבדקו"},
    "clashing": {"en": ", {} clashing", "he": ", {} מתנגשים"},
}


class Words:
    """The words of one language."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.language = interface_language(languages)

    def __call__(self, key: str, *values: object, **named: object) -> str:
        return _WORDS[key][self.language].format(*values, **named)
