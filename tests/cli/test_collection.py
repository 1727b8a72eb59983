"""`kb collection`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kb.services.exchange.collections.staging import StagedCollection
from tests.support.cli import Kb
from tests.support.collections import case, ship, write_documents
from tests.support.incidents import lesson_guard


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file with a collection of two incidents."""
    return write_documents(tmp_path / "examples.yaml", case("one"), case("two"))


def answer(kb: Kb, *arguments: str) -> Any:
    """What a command prints for programs."""
    result = kb("collection", *arguments, "--format", "json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def found(kb: Kb, words: str) -> int:
    """How many incidents a search finds."""
    total: int = json.loads(kb("search", words, "--format", "json").stdout)["total"]
    return total


def test_what_comes_with_the_program_is_listed_before_and_after_it_is_added(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ship(tmp_path / "seeds", monkeypatch, case("one"), version="2027-01")
    heading, line = kb("collection", "list").stdout.splitlines()
    assert heading.split() == ["key", "version", "shipped_version", "incidents", "title"]
    assert line.split() == [key, "2027-01", "0", "Examples"]
    kb("collection", "add", key)
    (row,) = answer(kb, "list")
    assert (row["version"], row["shipped_version"], row["incidents"]) == ("2027-01", "2027-01", 1)


def test_the_list_and_the_titles_are_in_the_language_of_the_terminal(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ship(tmp_path / "seeds", monkeypatch, case("one"))
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    assert "דוגמאות" in kb("collection", "list").stdout
    added = kb("collection", "add", key)
    assert re.search("[א-ת]+: 1,", added.stderr)
    assert "Added" not in added.stderr


def test_a_shipped_collection_is_shown_with_how_many_incidents_it_brings(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ship(tmp_path / "seeds", monkeypatch, case("one"), case("two"))
    shown = kb("collection", "show", key).stdout
    assert re.search(r"^contact +editor@example.com$", shown, re.MULTILINE)
    assert re.search(r"^removed_at$", shown, re.MULTILINE)
    assert answer(kb, "show", key)["shipped_incidents"] == 2


def test_a_collection_of_ones_own_is_shown_once_it_was_added(kb: Kb, file: str) -> None:
    kb("collection", "add", file)
    shown = answer(kb, "show", "examples")
    assert (shown["shipped"], shown["incidents"], shown["license"]) == (False, 2, "CC BY 4.0")
    assert "shipped_incidents" not in shown


def test_a_file_is_shown_with_its_head_in_the_language_of_the_terminal_or_its_first(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_documents(tmp_path / "x.yaml", case("one"), description={"fr": "Des exemples"})
    assert answer(kb, "show", path)["title"] == "Examples"
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    shown = answer(kb, "show", path)
    assert (shown["title"], shown["description"], shown["incidents"]) == ("דוגמאות", "Des exemples", 1)


def test_a_collection_is_added_from_a_file_and_found_by_search(kb: Kb, file: str) -> None:
    result = kb("collection", "add", file)
    assert result.exit_code == 0, result.stderr
    numbers = "Added: 2, updated: 0, brought back: 0, unchanged: 0, withdrawn: 0, kept: 0."
    assert numbers in result.stderr
    assert found(kb, '"the case one"') == 1


def test_adding_again_what_is_there_changes_nothing(kb: Kb, file: str) -> None:
    kb("collection", "add", file)
    report = answer(kb, "add", file)
    assert (report["added"], report["updated"], report["unchanged"]) == (0, 0, 2)


def test_a_dry_run_says_what_would_be_changed_and_changes_nothing(kb: Kb, file: str) -> None:
    result = kb("collection", "add", file, "--dry-run")
    assert "This would be changed; nothing was:\nAdded: 2" in result.stderr
    assert found(kb, '"the case one"') == 0
    assert [row["key"] for row in answer(kb, "list")] == ["public-cases"]
    kb("collection", "add", file)
    assert answer(kb, "remove", "examples", "--dry-run")["withdrawn"] == 2
    assert found(kb, '"the case one"') == 1


def test_an_update_brings_what_is_new_and_withdraws_what_is_gone(kb: Kb, file: str, tmp_path: Path) -> None:
    kb("collection", "add", file)
    write_documents(tmp_path / "examples.yaml", case("two", severity=3), case("three"), version="2")
    report = answer(kb, "update", file)
    assert {name: report[name] for name in ("version", "added", "updated", "withdrawn", "kept")} == {
        "version": "2", "added": 1, "updated": 1, "withdrawn": 1, "kept": [],
    }  # fmt: skip
    assert (found(kb, '"the case one"'), found(kb, '"the case three"')) == (0, 1)


def test_a_shipped_collection_has_to_be_added_before_it_is_updated_or_taken_out(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ship(tmp_path / "seeds", monkeypatch, case("one"))
    for command in ("update", "remove"):
        refused = kb("collection", command, key)
        assert refused.exit_code == 1
        assert f"The collection '{key}' has not been added. Add it first." in refused.stderr


def test_only_what_was_added_can_be_updated(kb: Kb, file: str, tmp_path: Path) -> None:
    refused = kb("collection", "update", file)
    assert (refused.exit_code, "There is no collection 'examples'." in refused.stderr) == (1, True)
    kb("collection", "add", file)
    kb("collection", "remove", "examples")
    assert "was taken out already" in kb("collection", "update", file).stderr
    headless = write_documents(tmp_path / "headless.yaml", case("one"), key="Not a slug")
    assert "There is no collection 'Not a slug'." in kb("collection", "update", headless).stderr


def test_a_collection_is_taken_out_and_brought_back(kb: Kb, file: str) -> None:
    kb("collection", "add", file)
    assert "Withdrawn: 2, kept: 0." in kb("collection", "remove", "examples").stderr
    assert found(kb, '"the case one"') == 0
    refused = kb("collection", "remove", "examples")
    assert (refused.exit_code, "was taken out already" in refused.stderr) == (1, True)
    assert answer(kb, "add", file)["restored"] == 2
    assert found(kb, '"the case one"') == 1


def test_what_people_have_filed_is_kept_and_named_with_the_reason(kb: Kb, file: str, tmp_path: Path) -> None:
    lines = tmp_path / "filed.jsonl"
    lines.write_text(json.dumps({**case("one"), "external_id": "examples:one"}), "utf-8")
    kb("import", str(lines))
    added = kb("collection", "add", file)
    assert "Kept: incident 7, The case one: it was filed here, and is not from the collection" in added.stderr
    assert answer(kb, "list")[0]["incidents"] == 1


def test_each_problem_of_a_file_is_told_with_its_place_and_nothing_is_changed(kb: Kb, tmp_path: Path) -> None:
    weak = lesson_guard(parameters={"phrases": ["something else"]})
    path = write_documents(
        tmp_path / "bad.yaml",
        case("one", category="tone-deff"),
        case("two"),
        case("two", outcome=None),
        "a text",
        case("four", lessons=[{"text": "Proofread.", "guard": weak}]),
        license=None,
    )
    result = kb("collection", "add", path)
    assert result.exit_code == 1
    for expected in (
        "bad.yaml, document 1: /license: ",
        "bad.yaml, document 2: /category: There is no category 'tone-deff'. Did you mean 'tone-deaf'?",
        "bad.yaml, document 4: /outcome: ",
        "bad.yaml, document 4: /slug: bad.yaml, document 3 has 'two' already.",
        "bad.yaml, document 5: /: Write a JSON object",
        "bad.yaml, document 6: /lessons/0/guard/examples/bad/0: The guard finds nothing",
        "Nothing was changed: the collection is not valid.",
    ):
        assert expected in result.stderr
    assert found(kb, '"the case two"') == 0
    assert kb("collection", "show", path).exit_code == 1


def test_problems_are_told_to_programs_as_json(kb: Kb, tmp_path: Path) -> None:
    path = write_documents(tmp_path / "bad.yaml", case("one", severity=9))
    result = kb("collection", "show", path, "--format", "json")
    (error,) = json.loads(result.stdout)["errors"]
    assert result.exit_code == 1
    assert (error["place"], error["pointer"]) == ("bad.yaml, document 2", "/severity")
    assert error["detail"]


def test_a_name_that_is_neither_shipped_nor_a_path_names_what_there_is(kb: Kb) -> None:
    for command in ("add", "update"):
        refused = kb("collection", command, "public-case")
        assert refused.exit_code == 1
        assert "Those that do: public-cases." in refused.stderr
        assert "Write the path of a folder or a file" in refused.stderr
    for command in ("show", "remove"):
        refused = kb("collection", command, "public-case")
        assert (refused.exit_code, "There is no collection 'public-case'." in refused.stderr) == (1, True)


def test_a_file_that_is_no_collection_says_so(kb: Kb, tmp_path: Path) -> None:
    (text := tmp_path / "notes.txt").write_text("notes", "utf-8")
    refused = kb("collection", "add", str(text))
    assert refused.exit_code == 1
    assert "the name of one ends in .yaml, .yml, .jsonl or .ndjson" in refused.stderr


def test_an_interrupted_add_leaves_nothing_behind(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    # All its incidents are inserted by then.
    monkeypatch.setattr(StagedCollection, "update", interrupted)
    path = write_documents(tmp_path / "examples.yaml", *(case(f"case-{number}") for number in range(5)))
    assert kb("collection", "add", path).exit_code == 130
    assert found(kb, '"the case"') == 0
    assert [row["key"] for row in answer(kb, "list")] == ["public-cases"]


def test_the_head_of_a_file_may_have_a_number_as_its_version(kb: Kb, tmp_path: Path) -> None:
    path = write_documents(tmp_path / "x.yaml", case("one"), version=1.5)
    assert answer(kb, "add", path)["version"] == "1.5"
