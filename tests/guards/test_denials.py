"""What a post says it will not do is not held against it."""

from __future__ import annotations

import pytest

from kb.guards.clean_text import Span
from kb.guards.denials import is_denied, may_deny


def _denies(text: str, words: str) -> bool:
    start = text.index(words)
    return may_deny(text) and is_denied(Span(start, start + len(words)), text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("There will be no sales and no music.", "sales"),
        ("No music, games or sales today.", "sales"),
        ("We won't be running any promotions today.", "promotions"),
        ("We have paused all our promotions.", "promotions"),
        ("We've cancelled tonight's party.", "party"),
        ("Our Memorial Day sale is postponed.", "sale"),
        ("The sale that was to start today has been called off.", "sale"),
        ("Deliveries in two counties have stopped.", "Deliveries"),
        ("Instead of fireworks, we plant trees.", "fireworks"),
        ("היום לא יתקיימו מבצעים.", "מבצעים"),
        ("ביום הזיכרון לא נפרסם מבצעים.", "מבצעים"),
        ("בלי מוזיקה ומבצעים.", "ומבצעים"),
        ("ביטלנו את המבצע של מחר.", "המבצע"),
        ("מסיבת ההשקה נדחית.", "מסיבת"),
        ("במקום זיקוקים נטענו עצים.", "זיקוקים"),
    ],
)
def test_words_after_or_before_a_denial_are_denied(text: str, words: str) -> None:
    assert _denies(text, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("No code needed, 20% off everything!", "20% off"),
        ("No jokes, 20% off.", "20% off"),
        ("No better day for our sale.", "sale"),
        ("Not sure what to wear? Our sale has it.", "sale"),
        ("Our sale starts today. The parade is postponed.", "sale"),
        ("לא צריך קוד, 20% הנחה על הכול", "הנחה"),
        ("אין כמו המבצע שלנו", "המבצע"),
        ("המבצע התחיל. הטקס נדחה.", "המבצע"),
    ],
)
def test_words_further_away_are_not_denied(text: str, words: str) -> None:
    assert not _denies(text, words)
