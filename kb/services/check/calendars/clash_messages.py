"""Messages about posts that clash, in both languages; `{rows}` are the numbers of the other rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.language import interface_language
from kb.services.check.calendars.clashes import ClashKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.services.check.calendars.clashes import Clash

_MESSAGES: Mapping[ClashKind, Mapping[str, str]] = {
    ClashKind.SLOT: {
        "en": "Within 15 minutes of {rows} on the same channel. Move one of them.",
        "he": "בהפרש של פחות מ-15 דקות מ{rows} באותו ערוץ. הזיזו אחד מהם.",
    },
    ClashKind.TONE: {
        "en": (
            "A sale, a product or a joke stands beside a grave post on the same day: see {rows}. "
            "Move one of them."
        ),
        "he": "מבצע, מוצר או בדיחה מופיעים לצד פוסט על נושא כואב באותו היום: ראו {rows}. הזיזו אחד מהם.",
    },
    ClashKind.REPETITION: {
        "en": "The same text as in {rows}, on the same channel. Is that meant?",
        "he": "אותו טקסט כמו ב{rows}, באותו ערוץ. האם זו הכוונה?",
    },
}
_ROWS = {"en": ("row {}", "rows {}"), "he": ("שורה {}", "שורות {}")}


def clash_message(clash: Clash, languages: Sequence[str]) -> str:
    """Describe a clash in a sentence, in the first of the languages that it exists in, else in English."""
    language = interface_language(languages)
    one, several = _ROWS[language]
    rows = (one if len(clash.rows) == 1 else several).format(", ".join(map(str, clash.rows)))
    return _MESSAGES[clash.kind][language].format(rows=rows)
