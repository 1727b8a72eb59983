"""`kb check` for GitHub and in SARIF."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from kb.cli.drafts.checked_draft import finding_text
from tests.cli.conftest import DRAFT
from tests.support.cli import Kb
from tests.support.sarif import SARIF


def test_github_gets_commands_that_are_escaped(kb: Kb, folder: Path) -> None:
    (folder / "50%, new.txt").write_text("walrus special", "utf-8")
    result = kb("check", "50%, new.txt", "posts.csv", "--format", "github")
    first, second = result.stdout.splitlines()[:2]
    place = "file=50%25%2C new.txt,line=1,endLine=1,col=1,endColumn=15"
    assert first == f"::error {place},title=no-walrus::No walruses: walrus special"
    assert second == "::error file=posts.csv,line=2,title=no-walrus::No walruses: Walrus special"


@pytest.mark.parametrize(
    ("message", "suggestion", "text"),
    [
        ("Dirt cheap", "Say what it costs.", "Dirt cheap. Say what it costs."),
        ("Not now.", "Wait.", "Not now. Wait."),
        ("Who said “go?”", "Ask.", "Who said “go?” Ask."),
        ("אצלנו לא אומרים: זול", "לכתוב כמה זה עולה.", "אצלנו לא אומרים: זול. לכתוב כמה זה עולה."),
        ("Dirt cheap", None, "Dirt cheap"),
    ],
)
def test_a_message_and_its_advice_are_two_sentences(message: str, suggestion: str | None, text: str) -> None:
    assert finding_text({"message": message, "suggestion": suggestion}) == text


def test_sarif_counts_code_points_and_names_each_rule(kb: Kb, folder: Path) -> None:
    (folder / "two words.txt").write_text(DRAFT.replace("\n", "\r\n"), "utf-8-sig")
    result = kb("check", "two words.txt", "posts.csv", "--format", "sarif")
    log = json.loads(result.stdout)
    Draft202012Validator(SARIF).validate(log)
    (run,) = log["runs"]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} >= {"no-walrus", "clash-slot"}
    found = run["results"][0]
    assert (found["ruleId"], found["level"]) == ("no-walrus", "error")
    text = (folder / "two words.txt").read_bytes().decode("utf-8-sig")
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "two%20words.txt"
    region = place["region"]
    assert text[region["charOffset"] :][: region["charLength"]] == "walrus special"
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (2, 29, 43)
    fingerprints = [each["partialFingerprints"] for each in run["results"] if each["ruleId"] == "no-walrus"]
    assert fingerprints[0] == fingerprints[1]  # whatever the case
    assert "03/04/2027" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    suppressed = kb("check", "two words.txt", "--format", "sarif", "--suppress", "no-walrus=A quotation.")
    (left,) = json.loads(suppressed.stdout)["runs"][0]["results"]
    assert left["suppressions"] == [{"kind": "external", "justification": "A quotation."}]
    for same in ("ruleId", "locations", "partialFingerprints"):
        assert left[same] == found[same]


def test_a_rule_of_sarif_has_the_title_of_its_guard_whatever_was_found(
    kb: Kb, folder: Path, server: str
) -> None:
    def descriptions(text: str, *options: str) -> dict[str, str]:
        log = json.loads(kb("check", "-", "--format", "sarif", *options, typed=text).stdout)
        Draft202012Validator(SARIF).validate(log)
        rules = log["runs"][0]["tool"]["driver"]["rules"]
        return {rule["id"]: rule["shortDescription"]["text"] for rule in rules}

    ((guard, title), *_) = descriptions("TBD").items()
    assert "TBD" not in title
    assert descriptions("Opens on [insert date]")[guard] == title
    assert descriptions("TBD", "--lang", "he")[guard] != title
    assert descriptions("Walrus special")["no-walrus"] == "No walruses"
    draft = "Walrus special: TBD"
    assert descriptions(draft, "--server", server) == descriptions(draft)


def test_sarif_has_a_result_with_its_place_for_each_suppressed_finding(kb: Kb, folder: Path) -> None:
    def results(text: str, *options: str) -> list[dict[str, Any]]:
        (folder / "twice.txt").write_text(text, "utf-8")
        log = json.loads(kb("check", "twice.txt", "--format", "sarif", *options).stdout)
        Draft202012Validator(SARIF).validate(log)
        found: list[dict[str, Any]] = log["runs"][0]["results"]
        return [each for each in found if each["ruleId"] == "no-walrus"]

    def keys(found: list[dict[str, Any]]) -> list[str]:
        return [key for each in found for key in each["partialFingerprints"].values()]

    text = "Walrus special.\nA walrus special!\n"
    suppressed = results(text, "--suppress", "no-walrus=A quotation.")
    regions = [each["locations"][0]["physicalLocation"]["region"] for each in suppressed]
    assert [(region["startLine"], region["startColumn"]) for region in regions] == [(1, 1), (2, 3)]
    assert all(each["suppressions"] for each in suppressed)
    found = results(text)
    assert len({*keys(found)}) == 2
    assert keys(found) == keys(suppressed) == keys(results(f"Good morning\n\n{text}"))
