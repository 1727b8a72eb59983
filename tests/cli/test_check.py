"""`kb check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema_rs import Draft202012Validator

from kb.config import Settings
from tests.api.test_check_batch import GUARDS
from tests.support.cli import Kb
from tests.support.sarif import SARIF


def test_a_finding_is_underlined_below_its_line(kb: Kb, folder: Path) -> None:
    result = kb("check", "draft.txt", "--platform", "x", "--at", "2027-09-11T09:00", "--country", "us")
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    place = next(number for number, line in enumerate(lines) if "[no-walrus]" in line)
    assert lines[0] == "draft.txt: STOP"
    assert lines[place].strip().startswith("2:29 STOP No walruses: walrus special")
    assert lines[place + 2] == f"    {' ' * 22}{'^' * 14}"  # a point takes no column, the family two
    assert "Checked 1: 1 stop" in result.stderr


def test_a_time_that_has_passed_is_said_below_the_verdict(kb: Kb, folder: Path) -> None:
    late = kb("check", "-", "--at", "2018-11-23T09:00", typed="Hello").stdout
    said = "The scheduled time (November 23, 2018, 09:00 UTC) has already passed."
    assert late.startswith(f"stdin: CLEAR\n  Note: {said} ")
    assert "passed" not in kb("check", "-", "--at", "9999-11-23T09:00", typed="Hello").stdout
    for form in ("sarif", "github"):
        assert said in kb("check", "-", "--at", "2018-11-23T09:00", "--format", form, typed="Hello").stderr
    row = json.loads(kb("check", "-", "--at", "2018-11-23T09:00", "--format", "json", typed="Hello").stdout)
    assert row[0]["notes"][0]["pointer"] == "/scheduled_at"


def test_a_country_that_is_not_known_is_quoted_and_a_time_zone_has_a_short_option(
    kb: Kb, folder: Path
) -> None:
    assert "'--country': There is no country 'ZZ'." in kb("check", "-", "--country", "ZZ").stderr
    assert "'Mars'" in kb("check", "-", "--tz", "Mars").stderr


def test_a_country_of_the_audience_may_be_named(kb: Kb, folder: Path) -> None:
    # Memorial Day of Israel is no day of the whole world.
    sale = ("check", "-", "--at", "2027-05-11T10:00+03:00", "--lang", "en")
    without = kb(*sale, typed="Huge sale today!").stdout
    by_code = kb(*sale, "--country", "IL", typed="Huge sale today!").stdout
    assert by_code != without
    for name in ("Israel", "ישראל"):
        assert kb(*sale, "--country", name, typed="Huge sale today!").stdout == by_code


def test_what_a_guard_advises_is_said_once_for_all_its_places(kb: Kb, folder: Path) -> None:
    text = kb("check", "-", typed="Opens on [insert date], at [insert place].").stdout
    assert text.count("is a placeholder:") == 2
    assert text.count("Instead: ") == 1


def test_what_other_guards_say_of_the_same_words_stands_below_the_gravest_finding(
    kb: Kb, folder: Path
) -> None:
    draft = "We never forget: take 40% off on Martin Luther King Day."
    lines = kb("check", "-", typed=draft).stdout.splitlines()
    also = [line for line in lines if line.strip().startswith("Also: ")]
    assert any("[race-and-product]" in line for line in also)
    log = json.loads(kb("check", "-", "--format", "sarif", typed=draft).stdout)
    Draft202012Validator(SARIF).validate(log)
    results = log["runs"][0]["results"]
    [result] = [each for each in results if "relatedLocations" in each]
    assert [each["message"]["text"] for each in result["relatedLocations"]] == [
        line.strip().removeprefix("Also: ") for line in also
    ]
    assert "race-and-product" not in {each["ruleId"] for each in results}
    assert "race-and-product" not in kb("check", "-", "--format", "github", typed=draft).stdout


def test_a_draft_with_notes_alone_is_clear_with_things_to_note(kb: Kb, folder: Path) -> None:
    result = kb("check", "-", typed="On September 11 our offices are closed.")
    assert result.stdout.startswith("stdin: CLEAR, TO NOTE: 1")


def test_precedents_follow_the_findings(kb: Kb, folder: Path) -> None:
    lines = kb("check", "-", typed="Black Friday **** Need copy and link****").stdout.splitlines()
    first = lines.index("  Precedents") + 1
    assert "McDonald's" in lines[first]
    assert "Unfinished text" in lines[first + 1]
    assert "placeholder" not in lines[first + 1]


def test_what_a_precedent_has_in_common_is_in_the_language_of_the_reader(kb: Kb, folder: Path) -> None:
    text = kb("check", "-", "--lang", "he", typed="Black Friday **** Need copy and link****").stdout
    common = next(line for line in text.splitlines() if "משותף" in line)
    assert "מבצעים והנחות" in common
    assert not any(letter.isascii() and letter.isalpha() for letter in common)


def test_messages_are_in_the_language_of_the_terminal_or_of_lang(
    kb: Kb, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "he_IL.UTF-8")
    assert "בלי סוסי ים: walrus special" in kb("check", "draft.txt").stdout
    assert "No walruses" in kb("check", "draft.txt", "--lang", "en").stdout


def test_a_severity_in_hebrew_ends_in_a_colon_before_its_message(kb: Kb, folder: Path) -> None:
    stopped = kb("check", "draft.txt", "--lang", "he").stdout
    assert stopped.startswith("draft.txt: לא לפרסם עדיין\n")
    assert " לא לפרסם: בלי סוסי ים" in stopped
    sale = ("--at", "2027-09-11T09:00-04:00", "--country", "US", "--lang", "he")
    assert (
        " לשיקול: פיגועי 11 בספטמבר: " in kb("check", "-", *sale, typed="Half price sale, today only").stdout
    )


def test_a_misspelled_guard_that_is_to_be_suppressed_is_said_once(kb: Kb, folder: Path) -> None:
    result = kb("check", "draft.txt", "draft.txt", "--suppress", "no-walrs=A quotation.")
    assert result.exit_code == 2
    said = "There is no active guard no-walrs: nothing was left out. Did you mean no-walrus?"
    assert result.stderr.count(said) == 1


def test_the_exit_code_is_that_of_the_gravest_verdict(kb: Kb, folder: Path) -> None:
    caution = GUARDS.replace("stop", "caution")
    assert kb("check", "draft.txt", "--suppress", "no-walrus=A quotation.").exit_code == 0
    assert kb("check", "-", typed="Good morning").exit_code == 0
    (next(folder.glob("kb-data*")) / "guards.yaml").write_text(caution, "utf-8")
    assert kb("check", "draft.txt").exit_code == 0
    assert kb("check", "draft.txt", "--strict").exit_code == 1


def test_two_approvers_let_a_post_go_out_at_night(kb: Kb, folder: Path, settings: Settings) -> None:
    night = "guards: [{key: night-without-approver, active: true}]"
    (settings.data_dir / "guards.yaml").write_text(night, "utf-8")
    common = ("check", "-", "--account", "acme", "--at", "2027-05-16T23:30+03:00", "--strict")
    assert kb(*common, "--approver", "Dana", typed="Good night").exit_code == 1
    assert kb(*common, "--approver", "Dana", "--approver", "Noa", typed="Good night").exit_code == 0


def test_nothing_is_checked_without_the_guards_of_the_team(kb: Kb, folder: Path, settings: Settings) -> None:
    own = "guards: [{key: own, type: phrase, severity: stop, message: No., parameters: {phrases: [a]}, "
    (settings.data_dir / "guards.yaml").write_text(own + "examples: {bad: [b], good: [c]}}]", "utf-8")
    result = kb("check", "draft.txt")
    assert result.exit_code == 69
    assert "the guard own, /examples/bad/0: The guard finds nothing in this bad example" in result.stderr


def test_nothing_is_checked_without_the_concepts_of_the_team(
    kb: Kb, folder: Path, settings: Settings
) -> None:
    (settings.data_dir / "lexicon.yaml").write_text("concepts: {war: {phrases: [a battle]}}", "utf-8")
    result = kb("check", "draft.txt")
    assert result.exit_code == 69
    assert "must be lists by language" in result.stderr


def test_what_could_not_be_checked_has_other_exit_codes_than_verdicts(kb: Kb, folder: Path) -> None:
    (folder / "image.txt").write_bytes(b"\xff\xfe\xfa\x00\xd8")
    for arguments, code in (
        (["draft.txt", "--nonsense"], 64),
        (["missing.txt"], 64),
        (["draft.txt", "--at", "soon"], 64),
        (["draft.txt", "--country", "Atlantis"], 64),
        (["draft.txt", "--suppress", "no-walrus"], 64),
        (["image.txt"], 65),
        (["draft.txt", "--platform", "twiter"], 65),
        (["image.txt", "draft.txt"], 2),
        (["draft.txt", "--server", "http://127.0.0.1:9"], 69),
    ):
        result = kb("check", *arguments)
        assert result.exit_code == code, (arguments, result.output)
