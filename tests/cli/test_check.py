"""`kb check`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from kb.config import Settings
from tests.api.test_check_batch import GUARDS
from tests.support.cli import Kb
from tests.support.waiting import PATIENCE

DRAFT = "Good morning\nBlack Friday: שָׁלוֹם 👩‍👩‍👧 walrus special\n"
CALENDAR = '''\
Copy,Date,Time,Channel
"Walrus special, ""today""",2027-09-11,09:00,Facebook
Good morning,2027-09-11,09:05,Facebook
Good evening,03/04/2027,09:00,Facebook
'''


@pytest.fixture
def folder(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a draft and a calendar, beside a data folder that has a guard of its own."""
    (settings.data_dir / "guards.yaml").write_text(GUARDS, "utf-8")
    (tmp_path / "draft.txt").write_text(DRAFT, "utf-8")
    (tmp_path / "posts.csv").write_text(CALENDAR, "utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    return tmp_path


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
    assert text.count("is a placeholder") == 2
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


def test_a_calendar_is_checked_row_by_row(kb: Kb, folder: Path) -> None:
    result = kb("check", "posts.csv", "--format", "json")
    assert result.exit_code == 2
    first, second, third = json.loads(result.stdout)
    assert [entry["row"] for entry in (first, second, third)] == [2, 3, 4]
    assert first["findings"][0]["span"]["text"] == "Walrus special"
    assert second["clashes"][0]["rows"] == [2]
    assert "03/04/2027" in third["error"]


def test_a_row_with_two_languages_says_in_which_column_something_was_found(kb: Kb, folder: Path) -> None:
    (folder / "both.csv").write_text("Day,Copy EN,Copy HE\n2027-06-02,Good morning,walrus special\n", "utf-8")
    lines = kb("check", "both.csv").stdout.splitlines()
    assert lines[0] == "both.csv:2 (Copy EN): CLEAR"
    assert "both.csv:2 (Copy HE): STOP" in lines
    assert any(line.startswith("  2:25 STOP") for line in lines)  # column 25 of the second line of the file


@pytest.mark.parametrize("end", ["\r", "\r\n"], ids=["carriage returns", "both"])
def test_a_file_with_other_line_ends_has_its_findings_at_the_same_places(
    kb: Kb, folder: Path, server: str, end: str
) -> None:
    (folder / "posts.csv").write_text('Copy,Note\n"Hello,\nwalrus special",a\nWalrus special,b\n', "utf-8")

    def regions(*more: str) -> list[dict[str, Any]]:
        log = json.loads(kb("check", "posts.csv", "draft.txt", "--format", "sarif", *more).stdout)
        Draft202012Validator(SARIF).validate(log)
        [run] = log["runs"]
        assert end in run["newlineSequences"]
        places = [result["locations"][0]["physicalLocation"]["region"] for result in run["results"]]
        return [{name: place[name] for name in ("startLine", "startColumn", "endLine")} for place in places]

    expected = regions()
    assert [place["startLine"] for place in expected] == [3, 4, 2]
    for name in ("posts.csv", "draft.txt"):
        content = (folder / name).read_bytes().replace(b"\n", end.encode())
        (folder / name).write_bytes(content)
    assert regions() == regions("--server", server) == expected


@pytest.mark.parametrize("output_format", ["text", "json", "sarif", "github"])
def test_a_calendar_without_posts_is_an_error_of_its_own_and_the_other_files_are_checked(
    kb: Kb, folder: Path, server: str, output_format: str
) -> None:
    (folder / "header.csv").write_text("Date,Copy\n", "utf-8")
    for more in ((), ("--server", server)):
        alone = kb("check", "header.csv", "--format", output_format, *more)
        assert alone.exit_code == 65
        assert "The calendar has no posts." in alone.stdout
        assert kb("check", "header.csv", "posts.csv", "--format", output_format, *more).exit_code == 2


def test_github_gets_commands_that_are_escaped(kb: Kb, folder: Path) -> None:
    (folder / "50%, new.txt").write_text("walrus special", "utf-8")
    result = kb("check", "50%, new.txt", "posts.csv", "--format", "github")
    first, second = result.stdout.splitlines()[:2]
    place = "file=50%25%2C new.txt,line=1,endLine=1,col=1,endColumn=15"
    assert first == f"::error {place},title=no-walrus::No walruses: walrus special"
    assert second == "::error file=posts.csv,line=2,title=no-walrus::No walruses: Walrus special"


SARIF = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results", "columnKind"],
                "properties": {
                    "columnKind": {"const": "unicodeCodePoints"},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {"items": {"required": ["id"], "type": "object"}},
                                },
                            }
                        },
                    },
                    "results": {
                        "items": {
                            "type": "object",
                            "required": ["ruleId", "level", "message", "locations"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": {"type": "object", "required": ["text"]},
                                "locations": {"items": {"$ref": "#/$defs/location"}, "minItems": 1},
                                "suppressions": {"items": {"properties": {"kind": {"const": "external"}}}},
                                "partialFingerprints": {"additionalProperties": {"type": "string"}},
                            },
                        }
                    },
                },
            },
        },
    },
    "$defs": {
        "location": {
            "properties": {
                "physicalLocation": {
                    "required": ["artifactLocation", "region"],
                    "properties": {
                        "artifactLocation": {"properties": {"uri": {"pattern": "^[^ \\\\]+$"}}},
                        "region": {
                            "required": ["startLine"],
                            "properties": {
                                name: {"type": "integer", "minimum": 1}
                                for name in ("startLine", "startColumn", "endLine", "endColumn")
                            }
                            | {
                                name: {"type": "integer", "minimum": 0}
                                for name in ("charOffset", "charLength")
                            },
                            "additionalProperties": False,
                        },
                    },
                }
            },
            "required": ["physicalLocation"],
        }
    },
}
"""What SARIF 2.1.0 asks of the parts that a log of ours has."""


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

    [(guard, title)] = descriptions("TBD").items()
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


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _served(application: Any) -> Iterator[str]:
    """The address of a server of an application, whose thread has ended afterwards, whatever happens."""
    with make_server("127.0.0.1", 0, application, handler_class=_Silent) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}"
        finally:
            running.shutdown()
            thread.join(PATIENCE)


@pytest.fixture
def server(app: Flask) -> Iterator[str]:
    """The address of a service with the data folder of this test."""
    with _served(app.wsgi_app) as address:
        yield address


def test_a_running_service_gives_the_same_results_as_the_data_folder(
    kb: Kb, folder: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = ("draft.txt", "posts.csv", "--format", "json")
    local, remote = (kb("check", *files, *more) for more in ((), ("--server", f"{server}/")))
    assert remote.exit_code == local.exit_code == 2
    assert json.loads(remote.stdout) == json.loads(local.stdout)
    monkeypatch.setenv("KB_TOKEN", "kb_wrong")
    refused = kb("check", "draft.txt", "--server", server)
    assert refused.exit_code == 69
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "answer", [b"", b"<html>Sign in</html>", b'{"verdict": "cl'], ids=["nothing", "a page", "half of it"]
)
def test_an_answer_that_is_no_result_is_no_verdict(kb: Kb, folder: Path, answer: bytes) -> None:
    def other_service(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", "80")])
        return [answer]

    with _served(other_service) as address:
        for file in ("draft.txt", "posts.csv"):
            result = kb("check", file, "--server", address)
            assert (result.exit_code, len(result.stderr.splitlines())) == (69, 1)


@pytest.mark.parametrize("url", ["http://[", "http://", "http://kb:port", "http://kb example"])
def test_a_url_that_is_no_address_is_a_wrong_option(kb: Kb, folder: Path, url: str) -> None:
    assert kb("check", "draft.txt", "--server", url).exit_code == 64


@pytest.mark.parametrize("token", ["מפתח".encode(), b"kb_one\nkb_two", b"\xff\xfe"])
def test_a_file_that_holds_no_token_is_no_verdict(kb: Kb, folder: Path, server: str, token: bytes) -> None:
    (folder / "token").write_bytes(token)
    result = kb("check", "draft.txt", "--server", server, "--token-file", "token")
    assert (result.exit_code, len(result.stderr.splitlines())) == (69, 1)


def test_a_calendar_says_in_which_zone_its_times_were_read(kb: Kb, folder: Path) -> None:
    plan = folder / "zones.csv"
    plan.write_text("Date,Copy,Country\n2027-05-11 18:00,Huge sale today!,Israel\n", "utf-8")
    checked = kb("check", str(plan), "--format", "json")
    assert "zones.csv: times without a zone were read in Asia/Jerusalem." in checked.stderr
    assert json.loads(checked.stdout)[0]["scheduled_at"] == "2027-05-11T18:00:00+03:00"
    asked = kb("check", str(plan), "--format", "json", "--time-zone", "Europe/Paris")
    assert "times without a zone" not in asked.stderr
    assert json.loads(asked.stdout)[0]["scheduled_at"] == "2027-05-11T18:00:00+02:00"


def test_a_calendar_for_a_country_with_several_zones_is_read_in_its_main_one(kb: Kb, folder: Path) -> None:
    plan = folder / "zones.csv"
    plan.write_text("Date,Copy\n2027-05-11 18:00,Hello\n", "utf-8")
    checked = kb("check", str(plan), "--format", "json", "--country", "US")
    assert json.loads(checked.stdout)[0]["scheduled_at"] == "2027-05-11T18:00:00-04:00"
    assert "were read in America/New_York" in checked.stderr
