"""Days as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from kb.date_words import day_text, partial_date_text

DAY = date(2018, 4, 22)


@pytest.mark.parametrize(
    ("language", "long", "short"),
    [
        ("en", "Sunday, April 22, 2018", "Sun, Apr 22, 2018"),
        ("he", "יום ראשון, 22 באפריל 2018", "יום א׳, 22 באפר׳ 2018"),
    ],
)
def test_a_day_is_written_as_the_language_writes_it(language: str, long: str, short: str) -> None:
    assert day_text(DAY, language, weekday=True) == long
    assert day_text(DAY, language, weekday=True, short=True) == short


@pytest.mark.parametrize(
    ("precision", "texts"),
    [
        ("day", ("April 22, 2018", "22 באפריל 2018")),
        ("month", ("April 2018", "אפריל 2018")),
        ("year", ("2018", "2018")),
    ],
)
def test_a_date_is_as_precise_as_it_is_known(precision: str, texts: tuple[str, str]) -> None:
    assert (
        partial_date_text(DAY.isoformat(), precision, "en"),
        partial_date_text(DAY.isoformat(), precision, "he"),
    ) == texts
