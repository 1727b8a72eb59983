"""Dates in numbers, as people type them on the pages."""

import pytest
from flask import Flask

from kb.pages.typed_dates import typed_date


@pytest.mark.parametrize(
    ("typed", "english", "hebrew"),
    [
        ("30/11/2026", "2026-11-30", "2026-11-30"),
        ("30.11.2026", "2026-11-30", "2026-11-30"),
        ("11/30/2026", "2026-11-30", "11/30/2026"),
        ("5-5-2026", "2026-05-05", "2026-05-05"),
        ("3/4/2026", "3/4/2026", "2026-04-03"),
        ("3.4.2026", "2026-04-03", "2026-04-03"),
        ("40/11/2026", "40/11/2026", "40/11/2026"),
        ("since 30/11/2026", "2026-11-30", "2026-11-30"),
    ],
)
def test_a_date_in_numbers_is_read_where_its_order_is_certain(
    shared_app: Flask, typed: str, english: str, hebrew: str
) -> None:
    with shared_app.test_request_context("/trends"):
        assert typed_date(typed) == english
    with shared_app.test_request_context("/trends?lang=he"):
        assert typed_date(typed) == hebrew
