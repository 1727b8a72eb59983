"""`kb export`."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from kb.services.exchange.exports import exporting
from kb.services.exchange.exports import parquet as parquet_export
from kb.yaml_text import read_yaml
from tests.support.cli import Kb, write_jsonl
from tests.support.incidents import FULL_INCIDENT


def _rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)]


def test_all_incidents_go_to_standard_output_a_line_each(kb: Kb) -> None:
    result = kb("export")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["id"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert "Exported: 6 incidents; the changes up to 6 are in it." in result.stderr


def test_filters_are_those_of_the_api(kb: Kb, tmp_path: Path) -> None:
    kb("import", write_jsonl(tmp_path, [FULL_INCIDENT]))
    found = kb("export", "--filter", "platform=snapchat", "--filter", "tag=x", "--filter", "tag=black-friday")
    assert found.stdout == ""
    drafts = kb("export", "--filter", "status=draft")
    assert [json.loads(line)["title"] for line in drafts.stdout.splitlines()] == [FULL_INCIDENT["title"]]
    refused = kb("export", "--filter", "platfrom=x")
    assert refused.exit_code == 2
    assert "platfrom" in refused.stderr


def test_the_ending_of_the_name_tells_format_and_compression(kb: Kb, tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.jsonl.gz", "a.csv", "a.csv.gz", "a.tsv", "a.zip"):
        assert kb("export", str(tmp_path / name)).exit_code == 0
    plain = (tmp_path / "a.jsonl").read_bytes()
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == plain
    table = (tmp_path / "a.csv").read_bytes().decode()
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()).decode() == table
    assert len(_rows(table)) == len(_rows((tmp_path / "a.tsv").read_text("utf-8"), "\t")) == 6
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 6
    assert (tmp_path / "a.csv").stat().st_mode & 0o077 == 0, "drafts are nobody else's business"


@pytest.mark.parametrize("name", ["kept.jsonl", "kept.jsonl.gz", "kept.zip"])
def test_an_interrupted_export_leaves_what_was_there(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file = tmp_path / name
    file.write_text("what was there", "utf-8")

    chunks = exporting.export_chunks

    def interrupted(*arguments: Any) -> Any:
        yield next(chunks(*arguments))
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "export_chunks", interrupted)
    assert kb("export", str(file)).exit_code == 130
    assert file.read_text("utf-8") == "what was there"
    assert [path.name for path in tmp_path.glob("*kept*")] + [*tmp_path.glob(".*")] == [name]


def test_a_folder_that_cannot_be_written_is_named(kb: Kb, tmp_path: Path) -> None:
    result = kb("export", str(tmp_path / "missing" / "a.jsonl"))
    assert result.exit_code == 1
    assert "Cannot write" in result.stderr
    assert "No such file" in result.stderr


def test_markdown_is_a_file_an_incident_and_only_changed_files_are_written(kb: Kb, tmp_path: Path) -> None:
    folder = tmp_path / "postmortems"
    line = {
        **FULL_INCIDENT,
        "external_id": "x",
        "title": 'A "title": # with\nall',
        "summary": "---\nOne.\n\n# Two",
    }
    kb("import", write_jsonl(tmp_path, [line]))
    assert kb("export", str(folder), "--format", "markdown").exit_code == 0
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md"))
    assert len(files) == 7
    assert "main/mcdonalds-need-copy-and-link.md" in files
    (path,) = [each for each in folder.rglob("*.md") if "with-all" in each.name]
    _, front_matter, text = path.read_text("utf-8").split("---\n", 2)
    head = read_yaml(front_matter)
    assert head["title"] == line["title"]
    assert head["impacts"] == [
        {"kind": "market_value", "amount": 1.5e6, "currency": "USD", "alleged": True, "source": "A paper"}
    ]
    assert (head["occurred_on"], head["secondary_categories"]) == ("2017-11-24", ["tone-deaf"])
    assert "## Summary\n\n---\nOne.\n\n# Two\n" in text
    assert text.endswith("## Lessons\n\n1. Proofread.\n1. Sign off.\n")
    before = {each: each.stat().st_ino for each in folder.rglob("*.md")}
    kb("import", write_jsonl(tmp_path, [{**line, "severity": 5}]))
    (folder / "notes.txt").write_text("mine", "utf-8")
    kb("export", str(folder), "--format", "markdown")
    assert [each for each, inode in before.items() if each.stat().st_ino != inode] == [path]
    assert (folder / "notes.txt").read_text("utf-8") == "mine"
    assert [*tmp_path.glob(".*")] == []


def test_markdown_speaks_the_language_that_was_asked_for(kb: Kb, tmp_path: Path) -> None:
    kb("export", str(tmp_path / "he"), "--format", "markdown", "--lang", "he")
    text = (tmp_path / "he/main/mcdonalds-need-copy-and-link.md").read_text("utf-8")
    assert "## תקציר" in text
    assert "language: he\n" in text


def test_lists_are_tables_of_their_own(kb: Kb, tmp_path: Path) -> None:
    kb("import", write_jsonl(tmp_path, [FULL_INCIDENT]))
    tables = {
        name: [
            row
            for row in _rows(kb("export", "--format", "csv", "--table", name).stdout)
            if row["incident"] == "7"
        ]
        for name in ("lessons", "sources", "impacts", "responses")
    }
    assert [(row["position"], row["text"], row["guard_type"]) for row in tables["lessons"]] == [
        ("1", "Proofread.", "phrase"),
        ("2", "Sign off.", ""),
    ]
    assert [(row["title"], row["source_title"]) for row in tables["sources"]] == [
        (FULL_INCIDENT["title"], "The tweet")
    ]
    assert [row["amount"] for row in tables["impacts"]] == ["1500000"]
    assert [row["at"] for row in tables["responses"]] == ["2017-11-24"]


def test_a_table_has_labels_a_byte_order_mark_and_another_delimiter_if_asked(kb: Kb) -> None:
    options = ("--format", "csv", "--columns", "id,category,responses", "--filter", "platform=snapchat")
    plain = kb("export", *options).stdout
    asked = kb("export", *options, "--labels", "--lang", "he", "--bom", "--delimiter", "semicolon").stdout
    assert _rows(plain)[0]["category"] == "offensive"
    assert asked.startswith("\ufeffid;category;responses\n")
    row = _rows(asked.removeprefix("\ufeff"), ";")[0]
    assert (row["category"], row["responses"]) == ("תוכן פוגעני", "מחיקה; הודעה רשמית; הסבר")


@pytest.mark.parametrize("option", [("--bom",), ("--table", "lessons"), ("--columns", "id"), ("--labels",)])
def test_an_option_of_another_format_is_refused(kb: Kb, option: tuple[str, ...]) -> None:
    result = kb("export", *option)
    assert result.exit_code == 2
    assert "Only format=csv has this." in result.stderr


def test_formulas_are_disarmed_unless_the_table_is_for_programs(kb: Kb, tmp_path: Path) -> None:
    kb("import", write_jsonl(tmp_path, [{**FULL_INCIDENT, "lessons": [{"text": "=1+1"}]}]))
    safe = kb("export", "--format", "csv", "--table", "lessons").stdout
    raw = kb("export", "--format", "csv", "--table", "lessons", "--raw").stdout
    assert (_rows(safe)[-1]["text"], _rows(raw)[-1]["text"]) == ("'=1+1", "=1+1")


def test_what_veris_has_no_place_for_is_counted(kb: Kb, tmp_path: Path) -> None:
    kb("import", write_jsonl(tmp_path, [{**FULL_INCIDENT, "occurred_on": None}]))
    result = kb("export", "--format", "veris")
    assert len(json.loads(result.stdout)) == 6
    assert "Exported: 6 incidents; " in result.stderr
    assert "Left out: 1 incident, which has no year, or one before 1950." in result.stderr
    whole = kb("export", "--format", "aiid", "--lang", "he")
    assert len(json.loads(whole.stdout)) == 7
    assert "1950" not in whole.stderr


def test_an_export_is_in_the_audit_log(kb: Kb) -> None:
    kb("export", "--filter", "platform=snapchat")
    entry = json.loads(kb("audit", "--format", "json").stdout)[0]
    assert (entry["event"], entry["actor"], entry["detail"]["rows"]) == ("export", "operator", 1)


def test_an_export_of_what_has_changed_brings_a_mirror_up_to_date(kb: Kb, tmp_path: Path) -> None:
    whole, later = tmp_path / "whole.jsonl", tmp_path / "later.jsonl"
    kb("export", str(whole))
    kb("export", str(later), "--since", "6")
    assert kb("import", "--mirror", str(whole)).exit_code == 0
    nothing = kb("import", "--mirror", str(later), "--format", "json")
    assert (nothing.exit_code, json.loads(nothing.stdout)["added"]) == (0, 0), "nothing has changed"
    later.write_text('{"export": 1, "id": 3, "gone": true}\n', "utf-8")
    followed = kb("import", "--mirror", str(later))
    assert "Hidden, since the export no longer shows them: 1." in followed.stderr
    assert kb("search", "need copy and link").stdout.count("McDonald") == 0
    refused = kb("import", "--mirror", "--team", "main", str(later))
    assert (refused.exit_code, "leave out --team or --mirror" in refused.stderr) == (2, True)


@pytest.mark.parametrize("name", ["views", "views.zip"])
def test_parquet_is_a_file_for_each_view_for_the_operator_alone(kb: Kb, tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    for _ in range(2):  # the second time, it is there already
        assert kb("export", str(target), "--format", "parquet").exit_code == 0
    assert target.is_dir() is (name == "views")
    files = [*target.iterdir()] if target.is_dir() else [target]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    folder = target
    if target.is_file():
        folder = tmp_path / "extracted"
        with zipfile.ZipFile(target) as archive:
            archive.extractall(folder)
    else:
        assert {each.stat().st_mode & 0o077 for each in folder.iterdir()} == {0}
    names = ["v_checks", "v_incident_terms", "v_incidents", "v_trends_monthly"]
    assert sorted(each.name for each in folder.iterdir()) == [f"{each}.parquet" for each in names]
    assert parquet.read_table(folder / "v_incidents.parquet").column("id").to_pylist() == [1, 2, 3, 4, 5, 6]
    assert [*tmp_path.glob(".*")] == []


def test_parquet_has_no_options_of_other_formats_and_needs_a_place(kb: Kb, tmp_path: Path) -> None:
    place = tmp_path / "place"
    refused = kb("export", str(place), "--format", "parquet", "--raw", "--filter", "platform=twitter")
    assert (refused.exit_code, "Leave out --filter, --raw." in refused.stderr) == (2, True)
    nowhere = kb("export", "--format", "parquet")
    assert (nowhere.exit_code, "Name a folder" in nowhere.stderr) == (2, True)
    assert not place.exists()
    missing = kb("export", str(tmp_path / "missing" / "x.zip"), "--format", "parquet")
    assert (missing.exit_code, "Cannot write" in missing.stderr) == (1, True)


def test_whoever_lacks_pyarrow_is_told_what_to_install(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # which makes importing it fail
    place = tmp_path / "place"
    result = kb("export", str(place), "--format", "parquet")
    assert result.exit_code == 1
    assert "pip install 'brand-postmortems[parquet]'" in result.stderr
    assert not place.exists()


def test_views_that_cannot_be_written_whole_leave_what_was_there(
    kb: Kb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(folder: Path, *_: Any) -> None:
        (folder / "v_incidents.parquet").write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(parquet_export, "write_views", interrupted)
    place = tmp_path / "place"
    place.mkdir()
    for name in ("kept", "kept.zip"):
        kb("export", str(place / name), "--format", "markdown")
        before = sorted(place.rglob("*"))
        assert kb("export", str(place / name), "--format", "parquet").exit_code == 130
        assert sorted(place.rglob("*")) == before
