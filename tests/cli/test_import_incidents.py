"""`kb import`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from flask import Flask

from kb.services.core.system_actors import OPERATOR
from kb.services.core.unit_of_work import UnitOfWork
from kb.services.search import sync
from kb.services.taxonomy.organization_aliases import add_alias
from tests.support.cli import Kb, write_jsonl
from tests.support.incidents import incident, lesson_guard
from tests.support.spreadsheets import TICKETS

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


DIFFERENT = {
    "organization": "Bolt",
    "title": "An okapi in the wrong place",
    "summary": "The mascot stood in front of a competitor all day, and nobody looked.",
    "occurred_on": "2011-01",
}
_URL = "https://news.example/zebra"


def test_likely_duplicates_are_imported_counted_and_named(kb: Kb, tmp_path: Path) -> None:
    kb("import", write_jsonl(tmp_path, [incident(sources=[{"title": "News", "url": _URL}])]))
    lines = [
        incident(**DIFFERENT, sources=[{"title": "The same news", "url": _URL + "/"}]),
        incident(organization="Crane", title="A heron", summary="Seen at dusk.", occurred_on="2001"),
        incident(organization="crane", title="It flew", summary="And was gone.", occurred_on="2001-03"),
    ]
    result = kb("import", write_jsonl(tmp_path, lines))
    assert result.exit_code == 0
    assert "Added: 3, updated: 0" in result.stderr
    assert "Likely duplicates: 1 within the file, 1 of incidents that were there before." in result.stderr
    assert "line 1 (incident 8) may be the same as incident 7: same source\n" in result.stderr
    named = "line 3 (incident 10) may be the same as line 2 (incident 9): same organization and time\n"
    assert named in result.stderr
    again = json.loads(kb("import", write_jsonl(tmp_path, lines[:1]), "--format", "json").stdout)
    (duplicate,) = again["duplicates"]
    reasons = duplicate.pop("reasons")
    assert duplicate == {"line": 1, "incident": 11, "of_line": None, "of_incident": 8}
    assert reasons == ["same_organization_and_time", "same_source", "similar_text"]


def test_a_likely_duplicate_under_another_name_of_the_organization_is_named(
    kb: Kb, app: Flask, tmp_path: Path
) -> None:
    with app.app_context():
        add_alias(OPERATOR, {"alias": "עגור", "organization": "Crane"})
    lines = [
        incident(organization="Crane Ltd", title="A heron", summary="Seen at dusk.", occurred_on="2001-03"),
        incident(organization="עגור", title="It flew", summary="And was gone.", occurred_on="2001-03"),
    ]
    stderr = kb("import", write_jsonl(tmp_path, lines)).stderr
    assert (
        "line 2 (incident 8) may be the same as line 1 (incident 7): same organization and time\n" in stderr
    )


def test_what_was_there_is_found_behind_many_duplicates_within_the_file(kb: Kb, tmp_path: Path) -> None:
    kb("import", write_jsonl(tmp_path, [incident()]))
    result = kb("import", write_jsonl(tmp_path, [incident()] * 15))
    assert "Likely duplicates: 14 within the file, 15 of incidents that were there before." in result.stderr


def test_updates_bring_no_duplicates(kb: Kb, tmp_path: Path) -> None:
    for severity in (1, 2):
        result = kb("import", write_jsonl(tmp_path, [incident(external_id="z", severity=severity)]))
        assert "Likely duplicates: 0 within the file, 0 of incidents" in result.stderr


def as_text(*bodies: dict[str, Any]) -> str:
    return "\r\n".join(map(json.dumps, bodies))


@pytest.mark.parametrize(
    "content",
    [
        as_text(incident(title="Zebra"), incident(title="Zebra two")).encode("utf-8-sig"),
        json.dumps([incident(title="Zebra"), incident(title="Zebra two")], indent=2).encode(),
        ("\n" + json.dumps([incident(title="Zebra"), incident(title="Zebra two")])).encode("utf-8-sig"),
        json.dumps([incident(), incident(title="Zebra")], indent=1).replace("\n", "\r\n").encode(),
    ],
    ids=["lines with BOM and CRLF", "indented array", "array with BOM", "array with CRLF"],
)
def test_files_as_other_programs_write_them_are_read(kb: Kb, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "export.json"
    file.write_bytes(content)
    assert "Added: 2, updated: 0" in kb("import", str(file)).stderr
    piped = kb("import", "-", "--again", typed=content.decode())
    assert "Added: 2, updated: 0" in piped.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf\n \n", "The file is empty"),
        (b"[]", "The array is empty"),
        (b'[{"organization": "Acme"', "begins as a JSON array, but is not one: "),
        (b"[1] [2]", "begins as a JSON array, but is not one: Extra data"),
        (b'{\n  "organization": "Acme"\n}', "An object is spread over several lines."),
        (gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "It is compressed twice."),
        (gzip.compress(b"{}", mtime=0)[:-9], "The compressed file is damaged or cut off."),
        (b"BZh91AY&SY", "It is compressed, but not by gzip."),
        (b"PK\x03\x04...", "The file cannot be unpacked"),
        (b"headline,brand\nSlap,Acme\n", "These are not the columns of an export"),
        (b"\xd0\xcf\x11\xe0 an old spreadsheet", "protected by a password, or of an old kind"),
        (b'"text"\n', "It is neither JSON, nor a table"),
    ],
    ids=str,
)
def test_a_file_that_cannot_be_imported_is_explained_in_one_line(
    kb: Kb, tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "incidents"
    file.write_bytes(content)
    result = kb("import", str(file), "--skip-invalid")
    assert result.exit_code == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert message in line
    assert "Added" not in result.stderr


@pytest.mark.parametrize("name", ["incidents.jsonl.gz", "incidents", "-"])
def test_a_compressed_file_is_imported_as_what_is_in_it(kb: Kb, tmp_path: Path, name: str) -> None:
    packed = gzip.compress(json.dumps(incident()).encode())
    file = tmp_path / "incidents.jsonl.gz" if name == "-" else tmp_path / name
    file.write_bytes(packed)
    result = kb("import", "-", typed=packed) if name == "-" else kb("import", str(file))
    assert "Added: 1, updated: 0" in result.stderr
    plain = tmp_path / "plain.jsonl"
    plain.write_bytes(gzip.decompress(packed))
    assert "The same was imported at" in kb("import", str(plain)).stderr


def test_a_compressed_table_is_read_by_the_ending_before_that_of_its_compression(
    kb: Kb, tmp_path: Path
) -> None:
    table = tmp_path / "incidents.csv.gz"
    kb("export", str(table))
    assert "update 6, leave 0 unchanged" in kb("import", str(table), "--dry-run").stderr
    one_column = tmp_path / "one.csv.gz"
    one_column.write_bytes(gzip.compress(b"title\nA draft\n"))
    assert "The columns are: title." in kb("import", str(one_column)).stderr
    assert "title: title" in kb("import", "--guess-mapping", str(one_column)).stdout


def test_errors_name_the_compressed_file_as_it_is_called(kb: Kb, tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("a.jsonl", "b.jsonl.gz")]
    Path(names[0]).write_text(json.dumps(incident()), "utf-8")
    Path(names[1]).write_bytes(gzip.compress(json.dumps(incident(severity=9)).encode()))
    assert f"{names[1]}, line 1: /severity: " in kb("import", *names).stderr


def test_errors_in_an_array_name_the_item(kb: Kb, tmp_path: Path) -> None:
    file = tmp_path / "incidents.json"
    file.write_text(json.dumps([incident(), incident(severity=9), "x"], indent=1), "utf-8")
    result = kb("import", str(file))
    assert "item 2: /severity: " in result.stderr
    assert "item 3: /: Write a JSON object" in result.stderr
    assert "Nothing was imported: 2 of 3 items are invalid." in result.stderr
    report = json.loads(kb("import", str(file), "--format", "json").stdout)
    assert (report["added"], [error["line"] for error in report["errors"]]) == (0, [2, 3])


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


_SENTENCES = {
    "fr": "La marque a présenté ses excuses après la diffusion d'une publicité jugée sexiste.",
    "ru": "Компания удалила рекламный ролик, который многие зрители сочли оскорбительным, и извинилась.",
}


def test_the_report_counts_the_languages_that_nobody_has_named(kb: Kb, tmp_path: Path) -> None:
    thin = {"organization": "Acme", "category": "offensive"}
    lines = [
        *({**thin, "title": text} for text in (*_SENTENCES.values(), _SENTENCES["fr"])),
        {**thin, "title": "Balenciaga"},
        incident(),
    ]
    kb("team", "set", "main", "--language", "pt-BR")
    result = kb("import", write_jsonl(tmp_path, lines), "--format", "json")
    report = json.loads(result.stdout)
    assert report["languages_detected"] == {"fr": 2, "ru": 1}
    assert report["languages_assumed"] == {"pt-BR": 1}
    assert "Languages detected: fr (2), ru (1)." in result.stderr
    assert "Languages not certain, and taken from the team: pt-BR (1)." in result.stderr


def test_an_update_without_a_language_is_in_that_of_its_incident(kb: Kb, tmp_path: Path) -> None:
    line = incident(external_id="f", language="fr")
    kb("import", write_jsonl(tmp_path, [line]))
    changed = {name: value for name, value in line.items() if name != "language"} | {"severity": 2}
    again = kb("import", write_jsonl(tmp_path, [changed]))
    assert "Added: 0, updated: 1, unchanged: 0" in again.stderr, again.stderr


def test_a_translation_into_the_language_that_is_detected_is_an_error(kb: Kb, tmp_path: Path) -> None:
    line = incident(language=None, translations={"en": _HEBREW})
    refused = kb("import", write_jsonl(tmp_path, [line]))
    assert refused.exit_code == 1
    assert "line 1: /translations/en: The texts seem to be in en themselves." in refused.stderr


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


def _written(folder: Path, name: str, content: str | bytes) -> str:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(file)


def test_a_table_is_imported_with_the_mapping_that_was_guessed_for_it(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = _written(tmp_path, "tickets.tsv", TICKETS)
    refused = kb("import", table)
    assert (refused.exit_code, "kb import --guess-mapping FILE" in refused.stderr) == (1, True)
    guessed = kb("import", "--guess-mapping", table)
    mapping = _written(tmp_path, "mapping.yaml", guessed.stdout)
    result = kb("import", table, "--mapping", mapping)
    assert result.exit_code == 0, result.stderr
    assert "Added: 2, updated: 0, unchanged: 0, skipped: 0." in result.stderr
    again = kb("import", table, "--mapping", mapping)
    assert "Added: 0, updated: 0, unchanged: 2" in again.stderr
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    assert "# ניחוש" in kb("import", "--guess-mapping", table).stdout


def test_errors_and_remarks_of_tables_name_row_column_and_field(kb: Kb, tmp_path: Path) -> None:
    table = _written(
        tmp_path,
        "own.csv",
        "organization,title,category,occurred_on,mood\nAcme,Zebra,tone-deff,2018,x\nAcme,Zebra,offensive,,\n",
    )
    result = kb("import", table)
    for expected in (
        "row 2: column “category”: /category: There is no category 'tone-deff'. Did you mean 'tone-deaf'?",
        "What was assumed, left out or is missing:",
        "Columns that were left out, as they have no field: mood.",
        "row 3: /occurred_on: There is no date.",
        "Nothing was imported: 1 of 2 rows are invalid.",
    ):
        assert expected in result.stderr.splitlines()
    report = json.loads(kb("import", table, "--dry-run", "--format", "json").stdout)
    assert report["errors"][0].items() >= {"line": 2, "column": "category"}.items()
    assert [(each["line"], each["pointer"]) for each in report["remarks"]] == [(0, ""), (3, "/occurred_on")]


def test_what_is_wrong_in_a_mapping_is_said_by_its_place(kb: Kb, tmp_path: Path) -> None:
    table = _written(tmp_path, "own.csv", "organization,title,category\nAcme,Zebra,offensive\n")
    wrong = _written(tmp_path, "mapping.yaml", "columns: {organization: organisation}")
    result = kb("import", table, "--mapping", wrong)
    assert result.exit_code == 1
    assert (
        "/columns/organization: There is no field 'organisation'. Did you mean organization?" in result.stderr
    )
    wrong = _written(tmp_path, "mapping.yaml", "כותרת".encode("cp1255"))
    assert "not in UTF-8" in kb("import", table, "--mapping", wrong).stderr


def test_several_files_are_imported_together_or_not_at_all(kb: Kb, tmp_path: Path) -> None:
    header = "organization,title,category,external_id\n"
    first = _written(tmp_path, "a.csv", header + "Acme,Zebra one,offensive,a\n")
    second = _written(tmp_path, "b.csv", header + "Acme,Zebra two,nonsense,b\n")
    result = kb("import", first, second)
    assert result.exit_code == 1
    assert f"{second}, row 2: column “category”: /category: There is no category" in result.stderr
    _written(tmp_path, "b.csv", header + "Acme,Zebra one,offensive,b\n")
    result = kb("import", first, second)
    assert "Added: 2" in result.stderr
    assert f"{second}, row 2 (incident 8) may be the same as {first}, row 2 (incident 7)" in result.stderr
    lines = write_jsonl(tmp_path, [incident()])
    assert "of different kinds" in kb("import", first, lines).stderr
    broken = _written(tmp_path, "c.csv", "")
    assert f"Error: {broken}: The file is empty" in kb("import", first, broken).stderr


def test_a_folder_of_documents_comes_back_with_what_it_says_beyond_the_fields(kb: Kb, tmp_path: Path) -> None:
    text = (
        "---\ntitle: Zebra\norganization: Acme\ncategory: offensive\nreviewers: [Dana, Noa]\n---\n"
        "\n## Summary\n\nIt ran.\n"
    )
    _written(tmp_path, "in/deep/zebra.md", text)
    _written(tmp_path, "in/.git/x.md", "no document")
    assert "Added: 1" in kb("import", str(tmp_path / "in")).stderr
    kb("export", str(tmp_path / "out"), "--format", "markdown")
    exported = (tmp_path / "out" / "main" / "acme-zebra.md").read_text("utf-8")
    assert "reviewers:\n  - Dana\n  - Noa\n---\n" in exported
    (line,) = [
        json.loads(line)
        for line in kb("export", "-").stdout.splitlines()
        if json.loads(line)["title"] == "Zebra"
    ]
    assert line["extra"] == {"reviewers": ["Dana", "Noa"]}
    (tmp_path / "empty").mkdir()
    assert "no Markdown document in" in kb("import", str(tmp_path / "empty")).stderr


def test_the_same_file_without_external_ids_is_refused_the_second_time(kb: Kb, tmp_path: Path) -> None:
    file = write_jsonl(tmp_path, [incident(title="Zebra"), incident(title="Okapi", external_id="o")])
    assert kb("import", file).exit_code == 0
    again = kb("import", file)
    assert (again.exit_code, "there twice: 1 incidents" in again.stderr) == (1, True)
    assert "was imported at 20" in kb("import", file, "--dry-run").stderr
    kb("team", "create", "north", "--name", "North")
    assert kb("import", file, "--team", "north").exit_code == 0
    assert "Added: 1, updated: 0, unchanged: 1" in kb("import", file, "--again").stderr


def test_the_encoding_of_a_file_can_be_named(kb: Kb, tmp_path: Path) -> None:
    content = "organization,title,category\nNestlé,Zèbre,offensive\n".encode("cp1252")
    table = _written(tmp_path, "own.csv", content)
    assert "with encoding (--encoding)" in kb("import", table).stderr
    assert "Added: 1" in kb("import", table, "--encoding", "windows-1252").stderr
