"""What a guard is called."""

from __future__ import annotations

import pytest

from kb.domain.guard import Guard, GuardType, Severity
from kb.services.check.guard_texts import title_of


def guard(message: dict[str, str], title: dict[str, str]) -> Guard:
    return Guard(key="our-words", type=GuardType.PHRASE, severity=Severity.NOTE, message=message, title=title)


def test_a_guard_is_called_by_its_title_in_the_language_of_the_reader() -> None:
    named = guard({"en": "No {text}"}, {"en": "Words to avoid", "he": "מילים אסורות"})
    assert title_of(named, ["he"]) == ("מילים אסורות", "he")
    assert title_of(named, ["fr", "en"]) == ("Words to avoid", "en")


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("We do not say this: {text}", "We do not say this"),
        ("“{text}” is not a link that works.", "Is not a link that works"),
        ("{words}: a joke beside war.", "A joke beside war"),
        ("״{text}״ הוא תוכן מיני.", "הוא תוכן מיני"),
        ("Never say “{text}” to a customer.", "Never say “…” to a customer"),
        ("{link}: {reason}", "our-words"),
    ],
)
def test_without_a_title_it_is_called_by_its_message_without_what_it_would_quote(
    message: str, title: str
) -> None:
    assert title_of(guard({"en": message}, {}), ["en"]).text == title
