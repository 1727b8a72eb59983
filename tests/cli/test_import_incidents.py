"""`kb import`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kb.services.exchange import jsonl
from kb.services.incidents import upsert
from tests.support.cli import Kb, write_jsonl
from tests.support.incidents import incident

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
        "line 5: /: Invalid input type.",
        "Nothing was imported: 4 of 5 lines are invalid.",
    ):
        assert expected in result.stderr
    assert json.loads(kb("search", "zebra", "--format", "json").stdout)["total"] == 0


def test_invalid_lines_can_be_skipped_and_reported_as_json(kb: Kb, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path, [incident(title="Zebra"), "{", incident(slug="Not A Slug")])
    result = kb("import", file, "--skip-invalid", "--format", "json")
    assert result.exit_code == 0
    assert [error["line"] for error in json.loads(result.stdout)] == [2, 3]
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
    upsert_incident, calls = upsert.upsert_incident, 0

    def interrupted(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return upsert_incident(*arguments)

    monkeypatch.setattr(jsonl, "upsert_incident", interrupted)
    assert kb("import", write_jsonl(tmp_path, [incident(title="Zebra")] * 5)).exit_code == 1
    assert json.loads(kb("search", "zebra", "--format", "json").stdout)["total"] == 0
