"""`kb audit`."""

from __future__ import annotations

import getpass
import gzip
import hashlib
import json
import socket
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from kb.cli.audit_words import in_words
from kb.config import Settings
from kb.domain.audit import AuditEvent
from tests.support.cli import Kb, run_kb, write_jsonl
from tests.support.incidents import incident
from tests.support.postgres import create_database


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("2020-01-01", True),
        ("2020-01-01T00:00:00.5+02:00", True),
        ("1577836800000", True),
        ("2999-01-01T00:00:00Z", False),
    ],
)
def test_entries_may_be_limited_to_those_since_a_moment(kb: Kb, since: str, found: bool) -> None:
    kb("team", "create", "north")
    assert bool(json.loads(kb("audit", "--since", since, "--format", "json").stdout)) == found


def test_a_moment_that_cannot_be_read_is_refused_with_a_hint(kb: Kb) -> None:
    refused = kb("audit", "--since", "yesterday")
    assert refused.exit_code == 2
    assert "Write 2018-05-16T10:00:00Z, 2018-05-16, or milliseconds since 1970." in refused.stderr


def test_the_log_is_read_in_words_and_in_hebrew(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    kb("team", "create", "north", "--name", "North")
    kb("token", "create", "--team", "north", "--name", "planning", "--role", "reader")
    told = kb("audit").stdout
    assert "added a team" in told
    assert "made a token" in told
    assert "name: planning" in told
    assert "role: reader" in told
    assert not any(mark in told for mark in ("token_created", "team_created", "expires_at", '{"'))
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    hebrew = kb("audit").stdout
    assert "נוסף צוות" in hebrew
    assert "נוצר אסימון" in hebrew
    assert "made a token" not in hebrew
    assert "תפקיד: קריאה (reader)" in hebrew


def test_each_event_has_words_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    entries: list[dict[str, Any]] = [{"event": event.value, "detail": {}} for event in AuditEvent]
    english = [in_words(entry)["event"] for entry in entries]
    monkeypatch.setenv("LC_ALL", "he_IL.UTF-8")
    hebrew = [in_words(entry)["event"] for entry in entries]
    assert len({*english}) == len({*hebrew}) == len(AuditEvent)
    assert not {*english} & {*hebrew}


def test_details_of_any_shape_are_read_as_words() -> None:
    detail = {"changes": {"role": ["reader", "admin"]}, "mirror": True, "replaced": None, "rules": ["a", "b"]}
    assert in_words({"event": "login", "detail": detail})["detail"] == (
        "changes: role reader, then admin; mirror: yes; replaced: –; rules: a, b"
    )


def _entries(folder: Path, event: str) -> list[dict[str, Any]]:
    found = run_kb("audit", "--event", event, "--format", "json", data_dir=folder)
    entries: list[dict[str, Any]] = json.loads(found.stdout)
    return entries


_RUN_BY = f"{getpass.getuser()}@{socket.gethostname()}"


def test_an_import_says_who_ran_it_where_of_which_file_and_what_came_of_it(
    kb: Kb, settings: Settings, tmp_path: Path
) -> None:
    file = Path(write_jsonl(tmp_path, [incident(external_id="a"), incident(severity=9)]))
    kb("import", str(file), "--dry-run", "--skip-invalid")
    assert _entries(settings.data_dir, "import") == []
    kb("import", str(file), "--skip-invalid")
    (entry,) = _entries(settings.data_dir, "import")
    digest = entry["detail"].pop("digest")
    assert digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert entry["detail"] == {
        "added": 1, "updated": 0, "unchanged": 0, "skipped": 1, "file": str(file), "run_by": _RUN_BY,
    }  # fmt: skip
    assert (entry["actor"], entry["team"], entry["address"]) == ("import", "main", None)


def test_a_mirror_says_what_it_took_over_and_nothing_if_nothing_has_changed(
    kb: Kb, settings: Settings, tmp_path: Path
) -> None:
    export, nothing = tmp_path / "all.jsonl.gz", tmp_path / "nothing.jsonl"
    kb("export", str(export))
    nothing.write_bytes(b"")
    for file in (export, nothing):
        assert kb("import", "--mirror", str(file)).exit_code == 0
    (entry,) = _entries(settings.data_dir, "import")
    digest = entry["detail"].pop("digest")
    assert digest == hashlib.sha256(gzip.decompress(export.read_bytes())).hexdigest()
    assert entry["detail"] == {
        "kept": 6, "hidden": 0, "skipped": 0, "mirror": True, "file": str(export), "run_by": _RUN_BY,
    }  # fmt: skip


@pytest.mark.parametrize("replaced", [False, True])
def test_a_restored_database_says_from_which_backup_it_is_and_who_restored_it(
    kb: Kb, settings: Settings, tmp_path: Path, replaced: bool
) -> None:
    file = tmp_path / "backup.zip"
    kb("backup", str(file))
    folder = settings.data_dir if replaced else tmp_path / "elsewhere"
    restored = run_kb("restore", str(file), *["--replace"] * replaced, data_dir=folder)
    assert restored.exit_code == 0, restored.stderr
    (entry,) = _entries(folder, "restore")
    detail = entry["detail"]
    assert (entry["actor"], entry["team"], detail["run_by"]) == ("operator", None, _RUN_BY)
    assert detail["digest"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (detail["file"], detail["incidents"], detail["replaced"]) == (file.name, 6, replaced)
    assert detail["made_at"] in restored.stderr
    kb("backup", "--check", str(file))
    assert len(_entries(folder, "restore")) == 1


def test_both_sides_of_a_copy_say_where_it_went(
    kb: Kb, settings: Settings, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = create_database(postgres, f"kb_{uuid4().hex}")
    assert kb("copy-to", url).exit_code == 0
    here = _entries(settings.data_dir, "copy")
    monkeypatch.setenv("KB_DATABASE_URL", url)
    assert _entries(settings.data_dir, "copy") == here
    detail = here[0]["detail"]
    assert (len(here), here[0]["actor"], detail["run_by"]) == (1, "operator", _RUN_BY)
    assert (detail["incidents"], len(detail["digest"])) == (6, 64)
    assert url.rpartition("/")[2] in detail["to"]
    assert str(settings.data_dir) in detail["from"]
