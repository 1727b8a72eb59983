"""`kb import` of what may be there already."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask

from kb.services.core.system_actors import OPERATOR
from kb.services.taxonomy.organization_aliases import add_alias
from tests.support.cli import Kb, write_jsonl
from tests.support.incidents import incident

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
