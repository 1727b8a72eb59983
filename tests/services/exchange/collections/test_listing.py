"""Readers see which collections there are, in their language, and how many incidents of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.services.exchange.collections.conftest import Examples
from tests.support.api import Api
from tests.support.collections import case, ship


def test_what_comes_with_the_program_stands_beside_what_was_added(added: Examples) -> None:
    items = added.admin.get("/collections").get_json()["items"]
    shown = [(each["key"], each["shipped"], each["version"], each["incidents"]) for each in items]
    assert shown == [("examples", False, "1", 2), ("public-cases", True, None, 0)]
    assert items[0]["shipped_version"] is None
    assert items[1]["shipped_version"]


def test_titles_and_descriptions_are_in_the_language_of_the_reader_or_the_one_there_is(
    examples: Examples,
) -> None:
    examples.put(case("one"), description={"fr": "Des exemples"})
    shown = examples.admin.get("/collections/examples", lang="he").get_json()
    assert (shown["title"], shown["language"]) == ("דוגמאות", "he")
    assert shown["description"] == "Des exemples"
    assert examples.admin.get("/collections/examples", lang="fr").get_json()["language"] == "en"
    examples.put(case("one"), title={"fr": "Exemples"})
    assert examples.admin.get("/collections/examples", lang="he").get_json()["language"] == "fr"


def test_what_was_taken_out_has_no_version_and_says_when(added: Examples) -> None:
    added.remove()
    shown = added.admin.get("/collections/examples").get_json()
    assert (shown["version"], shown["incidents"]) == (None, 0)
    assert shown["removed_at"]


def test_only_what_everybody_may_read_is_counted(added: Examples, any_role: Callable[..., Api]) -> None:
    added.edit("one", visibility="team")
    for caller in (added.admin, any_role()):
        assert caller.get("/collections/examples").get_json()["incidents"] == 1


def test_an_update_of_the_program_shows_beside_what_was_added(
    examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ship(tmp_path / "seeds", monkeypatch, case("one"))
    assert examples.admin.post("/collections", {"key": key}).get_json()["added"] == 1
    ship(tmp_path / "seeds", monkeypatch, case("one"), case("two"), version="2")
    shown = examples.admin.get(f"/collections/{key}").get_json()
    assert (shown["version"], shown["shipped_version"]) == ("1", "2")
    assert examples.admin.post("/collections", {"key": key}).get_json()["unchanged"] == 1
