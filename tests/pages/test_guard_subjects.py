"""The catalogs of what guards are about."""

from __future__ import annotations

from flask import Flask

from kb.pages.guards.guard_subjects import WATCHED_DAYS, Catalog


def test_the_entries_of_a_catalog_are_made_once_for_all_names(shared_app: Flask) -> None:
    """A catalog has hundreds of entries: made again for each name, they took most of a page's time."""
    calls = []

    def entries() -> dict[str, dict[str, tuple[str, ...]]]:
        calls.append(1)
        return {"first": {"en": ("Lent",)}, "second": {"en": ("Easter",)}, "third": {}}

    catalog = Catalog("days", entries)
    with shared_app.test_request_context("/"):
        assert catalog.names == ["Easter", "Lent", "third"]
        assert len(calls) == 1
        assert catalog.key("lent") == "first"
        assert len(calls) == 2
        assert catalog.near("Eastr") == "Easter"
        assert len(calls) <= 4


def test_each_watched_day_is_found_by_its_name(shared_app: Flask) -> None:
    with shared_app.test_request_context("/"):
        names = WATCHED_DAYS.names
        assert len(names) == len([*WATCHED_DAYS.keys])
        assert {WATCHED_DAYS.key(name) for name in names[:5]} <= {*WATCHED_DAYS.keys}
