"""Checked drafts as workflow commands of GitHub Actions, which annotate the files of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.cli.drafts.checked_draft import finding_text
from kb.web.finding_groups import standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kb.cli.drafts.checked_draft import CheckedDraft

_COMMANDS = {"stop": "error", "caution": "warning", "note": "notice"}
_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY_ESCAPES = {**_ESCAPES, ":": "%3A", ",": "%2C"}


def workflow_commands(checked: CheckedDraft) -> Iterator[str]:
    """A command for each clash of a draft and each finding that is not folded into another, or an error if
    the draft could not be checked.
    """
    if checked.error is not None:
        yield _command("error", checked, None, "kb check", checked.error)
    if checked.result is None:
        return
    for finding in standing(checked.result["findings"]):
        message = finding_text(finding)
        command = _COMMANDS[finding["severity"]]
        yield _command(command, checked, finding["span"], finding["guard"], message)
    for clash in checked.result.get("clashes", ()):
        command = _COMMANDS[clash["severity"]]
        yield _command(command, checked, None, f"clash-{clash['kind']}", clash["message"])


def _command(
    name: str, checked: CheckedDraft, span: Mapping[str, Any] | None, title: str, message: str
) -> str:
    region = checked.region(span)
    values: dict[str, object] = {"file": checked.file.name, "line": checked.line}
    if region is not None:
        values |= {"line": region.line, "endLine": region.end_line}
        if region.line == region.end_line:  # columns are refused for several lines
            values |= {"col": region.column, "endColumn": region.end_column}
    values["title"] = title
    properties = ",".join(f"{key}={_escape(str(value), _PROPERTY_ESCAPES)}" for key, value in values.items())
    return f"::{name} {properties}::{_escape(message, _ESCAPES)}"


def _escape(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
