"""`kb guards`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kb.config import Settings
from kb.domain.guard import GuardType
from kb.guards.types import FILLED_IN
from tests.api.test_check_batch import GUARDS
from tests.support.cli import Kb

PATTERN = """
guards:
  - key: any-the
    type: pattern
    severity: caution
    message: "Too much: {text}"
    parameters: {pattern: " the "}
"""


def test_guards_are_listed_with_where_they_are_from(kb: Kb, settings: Settings) -> None:
    (settings.data_dir / "guards.yaml").write_text(GUARDS, "utf-8")
    listed = json.loads(kb("guards", "list", "--format", "json", "--lang", "he").stdout)
    rows = {row["key"]: row for row in listed}
    assert rows["no-walrus"] == {
        "key": "no-walrus", "type": "phrase", "severity": "stop", "active": True, "source": "data folder",
        "title": "בלי סוסי ים",
    }  # fmt: skip
    assert "no-walrus" in kb("guards", "list").stdout


def test_each_guard_that_new_prints_holds_on_its_examples(kb: Kb, tmp_path: Path) -> None:
    bodies = [kb("guards", "new", each.value).stdout.partition("guards:\n")[2] for each in GuardType]
    file = tmp_path / "guards.yaml"
    file.write_text(f"guards:\n{''.join(bodies)}", "utf-8")
    result = kb("guards", "test", str(file), "--format", "json")
    assert result.exit_code == 0, result.output
    assert len(json.loads(result.stdout)) == len(GuardType)
    assert "Name a type" in kb("guards", "new").stderr


def test_an_example_that_does_not_hold_fails_the_test(kb: Kb, tmp_path: Path) -> None:
    file = tmp_path / "guards.yaml"
    broad = GUARDS.replace("[walrus special]", "[walrus special, asterisks]")
    file.write_text(broad.replace("[Come in]", "[Come in, 'Walrus specials']"), "utf-8")
    result = kb("guards", "test", str(file))
    assert result.exit_code == 1
    assert "/examples/good/1" in result.stdout
    assert "3: McDonald's" in result.stdout
    file.write_text(GUARDS.replace("phrases:", "phrase:"), "utf-8")
    assert "phrases" in kb("guards", "test", str(file)).stderr


def test_a_pattern_that_matches_too_much_fails_the_test(kb: Kb, tmp_path: Path) -> None:
    file = tmp_path / "guards.yaml"
    file.write_text(PATTERN, "utf-8")
    result = kb("guards", "test", str(file))
    assert result.exit_code == 1
    assert "A pattern may match 5% of the harmless posts. Make it narrower: any-the." in result.stderr
    file.write_text(PATTERN.replace('" the "', '" the walrus "'), "utf-8")
    assert kb("guards", "test", str(file)).exit_code == 0


def test_a_file_that_changes_included_guards_is_tested_as_the_service_reads_it(
    kb: Kb, settings: Settings, tmp_path: Path
) -> None:
    documented = (Path(__file__).parents[2] / "docs" / "guards.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\n(  guards:\n    - \{key: private-voice, .*?)```", documented, re.DOTALL)
    for file in (tmp_path / "guards.yaml", settings.data_dir / "guards.yaml"):
        file.write_text(block, "utf-8")
    result = kb("guards", "test", str(file), "--format", "json")
    assert result.exit_code == 0, result.output
    tested = {each["guard"]: each for each in json.loads(result.stdout)}
    assert list(tested) == ["private-voice", "profanity"]
    assert tested["profanity"]["examples"]["count"] > 0
    (tmp_path / "guards.yaml").write_text("guards: [{key: profanity, examples: {bad: [Hello]}}]", "utf-8")
    failed = kb("guards", "test", str(tmp_path / "guards.yaml"))
    assert (failed.exit_code, "Examples of 1 do not hold." in failed.stderr) == (1, True)


def test_what_is_missing_in_a_guard_is_said_in_a_sentence(kb: Kb, tmp_path: Path) -> None:
    file = tmp_path / "guards.yaml"
    file.write_text("guards: [{key: a, type: phrase, severity: caution}]", "utf-8")
    assert "the guard a, /message: This field is required." in kb("guards", "test", str(file)).stderr


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("message: 'No {words}'", "/message/en: Nothing fills in {words} here. Write one of: {text}."),
        (
            "message: {en: 'No'}\n    suggestion: {en: '{txt}'}",
            "/suggestion/en: Nothing fills in {txt} here.",
        ),
        ("message: No\n    message: No", "the key 'message' stands here twice"),
        ("message: No\n    countries: [no]", "/countries/0: Put the code into quotes"),
        ("message: No\n    countries: IL", "/countries: Write a list, also for one value"),
    ],
)
def test_what_would_be_lost_in_a_guard_or_shown_as_it_is_written_is_refused(
    kb: Kb, settings: Settings, tmp_path: Path, line: str, detail: str
) -> None:
    text = GUARDS.replace("message: {en: 'No walruses: {text}', he: 'בלי סוסי ים: {text}'}", line)
    for file in (tmp_path / "guards.yaml", settings.data_dir / "guards.yaml"):
        file.write_text(text, "utf-8")
    assert detail in kb("guards", "test", str(tmp_path / "guards.yaml")).stderr
    assert detail in kb("check", "-", typed="Hello").stderr


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("platforms: [tiktock]", "/platforms/0: There is no platform 'tiktock'. Did you mean 'tiktok'?"),
        (
            "examples: {bad: [{text: Walrus special, platform: tiktock}], good: [Come in]}",
            "/examples/bad/0/platform: There is no platform 'tiktock'. Did you mean 'tiktok'?",
        ),
        (
            "examples: {bad: [Walrus special], good: [{text: Come in, industry: finanse}]}",
            "/examples/good/0/industry: There is no industry 'finanse'. Did you mean 'finance'?",
        ),
    ],
)
def test_a_term_that_is_unknown_in_a_guard_of_a_file_is_named_with_the_nearest(
    kb: Kb, settings: Settings, tmp_path: Path, line: str, detail: str
) -> None:
    (kept, _, _) = GUARDS.partition("    examples:") if line.startswith("examples") else (GUARDS, "", "")
    for file in (tmp_path / "guards.yaml", settings.data_dir / "guards.yaml"):
        file.write_text(f"{kept}    {line}\n", "utf-8")
    assert detail in kb("guards", "test", str(tmp_path / "guards.yaml")).stderr
    refused = kb("check", "-", typed="Hello")
    assert (refused.exit_code, detail in refused.stderr) == (69, True)


def test_a_guard_of_a_file_and_its_examples_name_terms_in_any_spelling(kb: Kb, tmp_path: Path) -> None:
    file = tmp_path / "guards.yaml"
    file.write_text(
        """
guards:
  - key: bank-invitation
    type: open-invitation
    severity: caution
    message: Anybody may answer
    platforms: [X, טיקטוק]
    parameters: {require: [], industries: [Finance]}
    examples:
      bad: [{text: Tell us about your worst day with us, industry: פיננסים, platform: twitter}]
      good: [{text: Tell us about your worst day with us, industry: Retail, platform: Twitter}]
""",
        "utf-8",
    )
    (result,) = json.loads(kb("guards", "test", str(file), "--format", "json").stdout)
    assert (result["examples"]["count"], result["examples"]["failed"]) == (2, [])


def test_names_in_braces_that_are_filled_in_are_those_of_the_documentation() -> None:
    rows = (Path(__file__).parents[2] / "docs" / "guards.md").read_text("utf-8").splitlines()
    table = [row for row in rows if re.match(r"\| `\{\w+\}`", row)]
    named = {name for row in table for name in re.findall(r"\{(\w+)\}", row.split("|")[1])}
    assert named == {"text"}.union(*FILLED_IN.values())


def test_a_file_whose_examples_do_not_hold_is_ignored_with_a_reason(
    kb: Kb, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    file = settings.data_dir / "guards.yaml"
    file.write_text(GUARDS.replace("[Come in]", "[Walrus special]"), "utf-8")
    assert "no-walrus" not in kb("guards", "list").stdout
    assert (
        f"{file} is ignored until it is corrected. {file}: the guard no-walrus, /examples/good/0: "
        in caplog.text
    )


def test_a_guard_is_drafted_from_an_incident(kb: Kb, tmp_path: Path) -> None:
    text = kb("guards", "new", "--from-incident", "3").stdout
    assert "type: placeholder" in text
    assert text.startswith("# Not tried")
    assert "no incident 99" in kb("guards", "new", "--from-incident", "99").stderr
