"""The calendar as it is sent."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kb.schemas.calendar import CalendarSchema
from kb.schemas.incident import CardSchema


def test_an_incident_that_many_days_have_is_converted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    get_attribute = CardSchema.get_attribute

    def counted(self: CardSchema, card: Any, name: str, default: Any) -> Any:
        read.append(name)
        return get_attribute(self, card, name, default)

    monkeypatch.setattr(CardSchema, "get_attribute", counted)
    day, card = date(2027, 1, 1), {"id": 7, "title": "A zebra"}
    entries = [{"key": "a-day", "first": day, "last": day, "precedents": [card]}] * 50
    days = {"from_": day, "to": day, "countries": (), "language": "en", "entries": entries}
    sent = CalendarSchema().dump(days)["entries"]
    assert [card["title"] for entry in sent for card in entry["precedents"]] == ["A zebra"] * 50
    assert read.count("title") == 1
