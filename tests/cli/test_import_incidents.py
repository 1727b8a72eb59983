"""`kb import`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from kb.services.core.unit_of_work import UnitOfWork
from kb.services.search import sync
from tests.support.cli import Kb, write_jsonl
from tests.support.incidents import incident, lesson_guard

_HEBREW = {"title": "זברה", "summary": "תקציר", "cause": "סיבה", "outcome": "תוצאה"}


def test_valid_lines_are_imported_and_searchable(kb: Kb, tmp_path: Path) -> None:
    lines = [
        incident(title="Zebra one", external_id="z1", status="published"),
        incident(title="Zebra two", translations={"he": _HEBREW}),
    ]
    result = kb("import", write_jsonl(tmp_path, lines))
    assert result.exit_code == 0, result.stderr
    assert "Added: 2, updated: 0, unchanged: 0, skipped: 0." in result.stderr
    page = json.loads(kb("search", "zebra", "--format", "json").stdout)
    assert sorted(item["incident"]["status"] for item in page["items"]) == ["draft", "published"]
    assert json.loads(kb("search", "זברה", "--format", "json").stdout)["total"] == 1


def test_a_draft_may_be_incomplete_but_a_published_incident_may_not(kb: Kb, tmp_path: Path) -> None:
    thin = {"organization": "Acme", "title": "Zebra", "category": "offensive"}
    assert kb("import", write_jsonl(tmp_path, [thin])).exit_code == 0
    refused = kb("import", write_jsonl(tmp_path, [{**thin, "status": "published"}]))
    assert (refused.exit_code, "line 1: /occurred_on: A published" in refused.stderr) == (1, True)
    assert "no date yet" in kb("search", "zebra").stdout


def test_a_repeated_external_id_updates_the_incident(kb: Kb, tmp_path: Path) -> None:
    line = incident(title="Zebra", external_id="z", status="published", translations={"he": _HEBREW})
    kb("import", write_jsonl(tmp_path, [line]))
    again = kb("import", write_jsonl(tmp_path, [line]))
    assert "Added: 0, updated: 0, unchanged: 1" in again.stderr
    changed = kb("import", write_jsonl(tmp_path, [{**line, "status": "draft", "title": "Giraffe"}]))
    assert "Added: 0, updated: 1, unchanged: 0" in changed.stderr
    page = json.loads(kb("search", "giraffe", "--format", "json").stdout)
    assert [item["incident"]["status"] for item in page["items"]] == ["published"]


def test_a_guard_is_imported_with_its_lesson_if_its_examples_hold(kb: Kb, tmp_path: Path) -> None:
    lesson = {"text": "Proofread.", "guard": lesson_guard()}
    line = incident(external_id="z", lessons=[lesson])
    assert kb("import", write_jsonl(tmp_path, [line])).exit_code == 0
    # Without the guard, the lesson keeps it.
    again = kb("import", write_jsonl(tmp_path, [{**line, "lessons": [{"text": "Proofread."}]}]))
    assert "updated: 0, unchanged: 1" in again.stderr
    weak = {**lesson, "guard": lesson_guard(parameters={"phrases": ["something else"]})}
    refused = kb("import", write_jsonl(tmp_path, [incident(), {**line, "lessons": [weak]}]))
    assert refused.exit_code == 1
    assert "line 2: /lessons/0/guard/examples/bad/0: The guard finds nothing" in refused.stderr


def test_every_invalid_line_is_reported_by_number_and_pointer_and_nothing_is_imported(
    kb: Kb, tmp_path: Path
) -> None:
    file = write_jsonl(
        tmp_path, [incident(title="Zebra"), incident(category="tone-deff"), "{", incident(x=1), "[]"]
    )
    result = kb("import", file)
    assert result.exit_code == 1
    for expected in (
        "line 2: /category: There is no category 'tone-deff'. Did you mean 'tone-deaf'?",
        "line 3: /: This is not readable JSON",
        "line 4: /x: Unknown field.",
        "line 5: /: Write a JSON object with the fields `category`, `organization`, `title`.",
        "Nothing was imported: 4 of 5 lines are invalid.",
    ):
        assert expected in result.stderr
    assert json.loads(kb("search", "zebra", "--format", "json").stdout)["total"] == 0


def test_invalid_lines_can_be_skipped_and_reported_as_json(kb: Kb, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path, [incident(title="Zebra"), "{", incident(slug="Not A Slug")])
    result = kb("import", file, "--skip-invalid", "--format", "json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert [error["line"] for error in report.pop("errors")] == [2, 3]
    assert report == {
        "added": 1, "updated": 0, "unchanged": 0, "skipped": 2, "duplicates": [],
        "languages_detected": {}, "languages_assumed": {},
        "keeps_records": False, "ignored": [], "withdrawn": 0, "missing_originals": 0, "remarks": [],
        "hidden": 0, "unit": "line", "incidents": [{"line": 1, "incident": 7}],
    }  # fmt: skip
    assert "Added: 1, updated: 0, unchanged: 0, skipped: 2." in result.stderr


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"slug": "mcdonalds-need-copy-and-link"}, "/slug"),
        ({"external_id": "seed:mcdonalds-need-copy-and-link", "language": "he"}, "/language"),
        ({"translations": {"en": {}}}, "/translations/en/title"),
        ({"translations": {"xx": {}}}, "/translations/xx"),
        ({"translations": {"he": {}, "iw": _HEBREW}}, "/translations/iw"),
        ({"lessons": [{"id": 1, "text": "x"}]}, "/lessons/0/id"),
        (
            {"translations": {"he": {"lessons": [{"text": "1"}, {"text": "2"}]}}},
            "/translations/he/lessons",
        ),
        ({"responses": [{"kind": "xyzzy"}]}, "/responses/0/kind"),
        ({"title": "a\ud800"}, "/title"),
    ],
)
def test_contradictions_are_found_before_anything_is_written(
    kb: Kb, tmp_path: Path, changes: dict[str, Any], pointer: str
) -> None:
    for language, texts in changes.get("translations", {}).items():
        if language == "he":
            texts.update({**_HEBREW, **texts})
    result = kb("import", write_jsonl(tmp_path, [incident(**changes)]))
    assert result.exit_code == 1
    assert f"line 1: {pointer}: " in result.stderr


def test_two_lines_cannot_share_a_slug_but_can_share_an_external_id(kb: Kb, tmp_path: Path) -> None:
    twice = write_jsonl(tmp_path, [incident(slug="zebra"), incident(slug="zebra")])
    assert "line 2: /slug" in kb("import", twice).stderr
    updating = [incident(external_id="z", slug="zebra", title=f"Zebra {n}") for n in (1, 2)]
    changed = write_jsonl(
        tmp_path, [incident(external_id="y", slug="y"), incident(external_id="y", slug="x")]
    )
    assert "line 2: /slug: It was imported as 'y' before" in kb("import", changed).stderr
    assert "Added: 1, updated: 1" in kb("import", write_jsonl(tmp_path, updating)).stderr


def test_a_generated_slug_conflicts_with_an_explicit_slug_on_a_later_line(kb: Kb, tmp_path: Path) -> None:
    made = [incident(title="Zebra"), incident(title="Zebra"), incident(slug="acme-zebra-2")]
    assert (
        "line 3: /slug: The slug 'acme-zebra-2' is taken." in kb("import", write_jsonl(tmp_path, made)).stderr
    )


def test_an_interrupted_import_leaves_nothing_behind(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_work: UnitOfWork) -> None:
        raise KeyboardInterrupt  # when all rows are inserted

    monkeypatch.setattr(UnitOfWork, "number_changes", interrupted)
    assert kb("import", write_jsonl(tmp_path, [incident(title="Zebra")] * 5)).exit_code == 130
    assert json.loads(kb("search", "zebra", "--format", "json").stdout)["total"] == 0


def test_an_interruption_after_the_writing_leaves_the_incidents_and_says_so(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sync, "ensure_current", interrupted)
        result = kb("import", write_jsonl(tmp_path, [incident(title="Zebra")]))
    assert (result.exit_code, "Added: 1" in result.stderr) == (130, True)
    assert json.loads(kb("search", "zebra", "--format", "json").stdout)["total"] == 1


def test_the_form_of_a_text_makes_no_change(kb: Kb, tmp_path: Path) -> None:
    line = incident(external_id="café", title="Café", organization="Nestlé", tags=["é"], language="fr")
    kb("import", write_jsonl(tmp_path, [line]))
    again = kb("import", write_jsonl(tmp_path, [normalize("NFD", json.dumps(line, ensure_ascii=False))]))
    assert "Added: 0, updated: 0, unchanged: 1" in again.stderr


def test_a_dry_run_imports_nothing_and_says_what_an_import_would_do(kb: Kb, tmp_path: Path) -> None:
    story = {"title": "A story", "url": "https://example.com/story"}
    kb("import", write_jsonl(tmp_path, [incident(external_id="a", sources=[story], title="Quagga")]))
    changes = json.loads(kb("search", "quagga", "--format", "json").stdout)["total"]
    lines = [
        incident(external_id="a", title="Quagga changed"),
        incident(organization="Zebra", sources=[{**story, "url": "https://www.example.com/story#top"}]),
        incident(organization="Zebra", summary="Write to Dana Levi, dana@example.com."),
        incident(category="no-such"),
    ]
    file = write_jsonl(tmp_path, lines)
    before = kb("audit", "--format", "json").stdout
    result = kb("import", file, "--dry-run", "--skip-invalid")
    assert result.exit_code == 0, result.stderr
    for expected in (
        "line 4: /category: There is no category 'no-such'.",
        "Nothing was imported. An import would add 2, update 1, leave 0 unchanged and skip 1.",
        "line 2 may be the same as incident 7: ",
        "line 3 may be the same as line 2: same organization and time",
        "line 3: /summary: “dana@example.com”: ",
    ):
        assert expected in result.stderr, expected
    report = json.loads(kb("import", file, "--dry-run", "--skip-invalid", "--format", "json").stdout)
    assert (report["dry_run"], report["added"], report["updated"], report["skipped"]) == (True, 2, 1, 1)
    assert {(each["line"], each["of_line"], each["of_incident"]) for each in report["duplicates"]} >= {
        (2, None, 7),
        (3, 2, None),
    }
    assert all(each["incident"] is None for each in report["duplicates"])
    assert "contact" in {note["kind"] for note in report["notes"]}
    assert kb("audit", "--format", "json").stdout == before
    for word, found in [("quagga", changes), ("changed", 0)]:
        page = json.loads(kb("search", word, "--format", "json").stdout)
        assert (page["total"], bool(page["corrected"])) == (found, False), word
    refused = kb("import", file, "--dry-run")
    assert (refused.exit_code, "Nothing was imported: 1 of 4 lines are invalid." in refused.stderr) == (
        1,
        True,
    )


def test_an_import_after_a_dry_run_does_what_that_had_said(kb: Kb, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path, [incident(organization="Zebra"), incident(organization="ZEBRA")])
    tried = json.loads(kb("import", file, "--dry-run", "--format", "json").stdout)
    done = json.loads(kb("import", file, "--format", "json").stdout)
    assert (tried["added"], tried["updated"]) == (done["added"], done["updated"])
    assert [each["of_line"] for each in tried["duplicates"]] == [
        each["of_line"] for each in done["duplicates"]
    ]


def test_the_same_file_without_external_ids_is_refused_the_second_time(kb: Kb, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path, [incident(title="Zebra"), incident(title="Okapi", external_id="o")])
    assert kb("import", file).exit_code == 0
    again = kb("import", file)
    assert (again.exit_code, "there twice: 1 incidents" in again.stderr) == (1, True)
    assert "was imported at 20" in kb("import", file, "--dry-run").stderr
    kb("team", "create", "north", "--name", "North")
    assert kb("import", file, "--team", "north").exit_code == 0
    assert "Added: 1, updated: 0, unchanged: 1" in kb("import", file, "--again").stderr
