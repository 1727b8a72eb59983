"""The files that `kb import` reads."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Kb, write_jsonl
from tests.support.incidents import incident
from tests.support.spreadsheets import TICKETS


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
        "organization,title,category,occurred_on,mood,key learning\n"
        "Acme,Zebra,tone-deff,2018,x,y\nAcme,Zebra,offensive,,,\n",
    )
    result = kb("import", table)
    for expected in (
        "row 2: column “category”: /category: There is no category 'tone-deff'. Did you mean 'tone-deaf'?",
        "What was assumed, left out or is missing:",
        "Columns that were left out, as they have no field: mood, key learning.",
        (
            "“key learning” is usually a name for “lessons”. To read it as that, give a mapping: kb import "
            "--guess-mapping FILE prints one to start from."
        ),
        "row 3: /occurred_on: There is no date.",
        "Nothing was imported: 1 of 2 rows are invalid.",
    ):
        assert expected in result.stderr.splitlines()
    report = json.loads(kb("import", table, "--dry-run", "--format", "json").stdout)
    assert report["errors"][0].items() >= {"line": 2, "column": "category"}.items()
    assert [(each["line"], each["pointer"]) for each in report["remarks"]] == [
        (0, ""),
        (0, ""),
        (3, "/occurred_on"),
    ]


def test_what_many_rows_have_in_common_is_said_once_with_everything_else_that_is_wrong(
    kb: Kb, tmp_path: Path
) -> None:
    rows = "".join(f"Acme,Slap {n},tone-def,It was a slap.,huge\n" for n in range(300))
    file = _written(tmp_path, "many.csv", f"organization,title,category,summary,severity\n{rows}")
    printed = kb("import", file).stderr
    assert "rows 2–301: column “severity”: /severity: 'huge' is no severity." in printed
    assert "rows 2–301: column “category”: /category: There is no category 'tone-def'." in printed
    assert len(printed.splitlines()) < 10


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


def test_the_encoding_of_a_file_can_be_named(kb: Kb, tmp_path: Path) -> None:
    content = "organization,title,category\nNestlé,Zèbre,offensive\n".encode("cp1252")
    table = _written(tmp_path, "own.csv", content)
    assert "with encoding (--encoding)" in kb("import", table).stderr
    assert "Added: 1" in kb("import", table, "--encoding", "windows-1252").stderr
