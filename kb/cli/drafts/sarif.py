"""Checked drafts as SARIF 2.1.0 (OASIS), which code hosting services and editors show next to the text."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kb import __version__
from kb.cli.drafts.checked_draft import LINE_ENDS, STANDARD_INPUT, finding_text
from kb.domain.text import fold
from kb.web.finding_groups import folds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.cli.drafts.checked_draft import CheckedDraft, SourceFile

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {"stop": "error", "caution": "warning", "note": "note"}
_FINGERPRINT = "guardAndText/v1"
"""The name of the fingerprint. It identifies a finding by guard, words and file, wherever the words are,
suppressed or not."""


def sarif_log(drafts: Sequence[CheckedDraft], language: str, titles: Mapping[str, str]) -> dict[str, Any]:
    """A log with one run: a rule for each guard that found something, a result for each finding and clash.

    `titles` has the titles of the guards of `found_guards`, by key; a rule without a title has its key.
    Findings folded into another are related locations of that. Columns count code points. A suppressed
    finding is a result with its justification. A draft that could not be checked is a notification, and makes
    the run unsuccessful.
    """
    results = _with_fingerprints(result for checked in drafts for result in _results(checked))
    unchecked = [_notification(checked) for checked in drafts if checked.error is not None]
    run = {
        "tool": {
            "driver": {
                "name": "Brand Postmortems",
                "semanticVersion": __version__,
                "language": language,
                "rules": list(_rules(drafts, titles)),
            }
        },
        "columnKind": "unicodeCodePoints",
        "newlineSequences": [*LINE_ENDS],
        "invocations": [{"executionSuccessful": not unchecked, "toolExecutionNotifications": unchecked}],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def found_guards(drafts: Iterable[CheckedDraft]) -> set[str]:
    """The keys of the guards that found something in the drafts."""
    results = (checked.result for checked in drafts if checked.result is not None)
    return {finding["guard"] for result in results for finding in result["findings"]}


def _rules(drafts: Sequence[CheckedDraft], titles: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The rules: one for each guard that found something, in order, and for clashes and suppressed guards."""
    rules: dict[str, dict[str, Any]] = {}
    for result in (checked.result for checked in drafts if checked.result is not None):
        for finding in result["findings"]:
            rules.setdefault(finding["guard"], _finding_rule(finding, titles))
        for clash in result.get("clashes", ()):
            key = _clash_rule(clash)
            rules.setdefault(key, _rule(key, key, clash["message"]))
        for suppressed in _suppressed(result):
            key = suppressed["guard"]
            rules.setdefault(key, _rule(key, titles.get(key, key), suppressed["reason"]))
    yield from rules.values()


def _finding_rule(finding: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    key, lesson, incident = finding["guard"], finding["lesson"], finding["incident"]
    help_texts = [
        finding["suggestion"],
        lesson and lesson["text"],
        incident and f"{incident['title']} ({incident['organization']})",
    ]
    text = "\n".join(filter(None, help_texts))
    rule = _rule(key, titles.get(key, key), text)
    return {**rule, "defaultConfiguration": {"level": _LEVELS[finding["severity"]]}}


def _rule(key: str, title: str, text: str) -> dict[str, Any]:
    """A rule with all descriptions, which code hosting services require; its title stands in for others."""
    text = text or title
    return {
        "id": key,
        "name": key,
        "shortDescription": {"text": title},
        "fullDescription": {"text": text.partition("\n")[0]},
        "help": {"text": text},
    }


def _results(checked: CheckedDraft) -> Iterator[dict[str, Any]]:
    if checked.result is None:
        return
    yield from _finding_results(checked, checked.result)
    yield from _clash_results(checked, checked.result)
    yield from _suppressed_results(checked, checked.result)


def _finding_results(checked: CheckedDraft, answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for finding, folded in folds(answer["findings"]):
        span = finding["span"]
        message = finding_text(finding)
        location, key = _location(checked, span), _text_key(finding["guard"], span)
        result = _result(finding["guard"], _LEVELS[finding["severity"]], message, location, key)
        if folded:
            result["relatedLocations"] = [
                {
                    "id": number,
                    **_location(checked, each["span"]),
                    "message": {"text": f"{each['message']} [{each['guard']}]"},
                }
                for number, each in enumerate(folded, 1)
            ]
        yield result


def _clash_results(checked: CheckedDraft, answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for clash in answer.get("clashes", ()):
        rule = _clash_rule(clash)
        location, key = _location(checked, None), _digest(rule, checked.text)
        yield _result(rule, _LEVELS[clash["severity"]], clash["message"], location, key)


def _suppressed_results(checked: CheckedDraft, answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for suppressed in _suppressed(answer):
        guard = suppressed["guard"]
        for span in suppressed["spans"]:
            message = guard if span is None else f"{guard}: {span['text']}"
            result = _result(guard, "note", message, _location(checked, span), _text_key(guard, span))
            result["suppressions"] = [{"kind": "external", "justification": suppressed["reason"]}]
            yield result


def _result(
    rule: str, level: str, message: str, location: Mapping[str, Any], fingerprint: str
) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": message},
        "locations": [location],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }


def _text_key(guard: str, span: Mapping[str, Any] | None) -> str:
    """A digest of a guard and the words that it found, ignoring case and spaces."""
    return _digest(guard, fold(" ".join((span["text"] or "").split())) if span else "")


def _with_fingerprints(results: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make the fingerprints of results with the same guard and words in one file unique."""
    counts: Counter[tuple[str, str]] = Counter()
    distinct = []
    for result in results:
        key = result["partialFingerprints"][_FINGERPRINT]
        file_and_key = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], key
        counts[file_and_key] += 1
        if counts[file_and_key] > 1:
            key = _digest(key, str(counts[file_and_key]))
        distinct.append({**result, "partialFingerprints": {_FINGERPRINT: key}})
    return distinct


def _suppressed(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [suppressed for suppressed in result["suppressed"] if suppressed["findings"]]


def _location(checked: CheckedDraft, span: Mapping[str, int] | None) -> dict[str, Any]:
    found = checked.region(span)
    region: dict[str, int] = {"startLine": checked.line}
    if found is not None:
        region = {
            "startLine": found.line,
            "startColumn": found.column,
            "endLine": found.end_line,
            "endColumn": found.end_column,
            "charOffset": found.offset,
            "charLength": found.length,
        }
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(checked.file)}, "region": region}}


def _uri(file: SourceFile) -> str:
    """A path within the working folder as a relative URI, so that it can be resolved in a repository."""
    if file.path == STANDARD_INPUT:
        return "stdin"
    path = Path(file.path)
    if path.is_absolute():
        if not path.is_relative_to(Path.cwd()):
            return path.as_uri()
        path = path.relative_to(Path.cwd())
    return quote(PurePath(path).as_posix())


def _notification(checked: CheckedDraft) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": f"{checked.name}: {checked.error}"},
        "locations": [_location(checked, None)],
    }


def _clash_rule(clash: Mapping[str, Any]) -> str:
    return f"clash-{clash['kind']}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
