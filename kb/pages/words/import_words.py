"""Imports in words: their status, their counts, and locations in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.import_job import ACTIVE_STATES, ImportPhase, ImportState
from kb.pages.messages import _, _l
from kb.services.exchange.repeated_errors import MAX_NAMED, line_ranges
from kb.services.incidents.duplicates.likely import SAME_SOURCE, SAME_TIME, SIMILAR, SIMILAR_IN_TIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.pages.messages import LazyText
    from kb.services.exchange.repeated_errors import RepeatedError

_PHASES: Mapping[str, LazyText] = {
    ImportPhase.CHECKING: _l("The file is being checked."),
    ImportPhase.WRITING: _l("The incidents are being stored."),
    ImportPhase.INDEXING: _l("They are stored, and are being made ready for searches."),
    ImportPhase.DUPLICATES: _l("Likely duplicates are being looked for."),
}
REASONS: Mapping[str, LazyText] = {
    SIMILAR_IN_TIME: _l("similar text and time"),
    SAME_TIME: _l("same organization and time"),
    SAME_SOURCE: _l("same source"),
    SIMILAR: _l("similar text"),
}
"""The reasons why two incidents may be the same."""

_TRIED: Mapping[str, LazyText] = {
    "added": _l("New incidents"),
    "updated": _l("Incidents that would change"),
    "unchanged": _l("Incidents that would stay as they are"),
    "skipped": _l("Not valid"),
    "withdrawn": _l("Withdrawn elsewhere, and left out"),
}
_DONE: Mapping[str, LazyText] = {
    "added": _l("New incidents"),
    "updated": _l("Incidents that have changed"),
    "unchanged": _l("Incidents that stayed as they were"),
    "skipped": _l("Not valid, and left out"),
    "withdrawn": _l("Withdrawn elsewhere, and left out"),
}
"""The counts of a report, in the order of the page."""


def is_active(job: Mapping[str, Any]) -> bool:
    """Whether an import is running or queued."""
    return job["state"] in ACTIVE_STATES


def phase(job: Mapping[str, Any]) -> LazyText:
    """Describe what an import is doing. A dry run stores nothing: what it writes is rolled back."""
    is_trial_write = job["dry_run"] and job["phase"] == ImportPhase.WRITING
    return _PHASES[ImportPhase.CHECKING if is_trial_write else job["phase"]]


def standing(job: Mapping[str, Any]) -> str:
    """Describe the status of an import in a sentence: the heading of its page."""
    is_trial = job["dry_run"]
    if is_active(job):
        return _("The file is being tried") if is_trial else _("The incidents are being imported")
    if job["state"] == ImportState.DONE:
        return _tried(job["report"]) if is_trial else _("The incidents are imported")
    if job["state"] == ImportState.CANCELED:
        return _("The import was canceled")
    if job["state"] == ImportState.INTERRUPTED:
        return _("The import was interrupted")
    return _("The file cannot be imported as it is") if is_trial else _("Nothing was imported")


def _tried(report: Mapping[str, Any] | None) -> str:
    if report is None or not may_import(report):
        return _("There is nothing to import in the file")
    return _("Some of the file can be imported") if report["skipped"] else _("The file can be imported")


def may_import(report: Mapping[str, Any] | None) -> bool:
    """Whether importing the file of a dry run would change anything."""
    return report is not None and bool(report["added"] or report["updated"])


def counts(job: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return the nonzero counts of an import's report, with labels; that of new incidents if all are 0."""
    report, words = job["report"], _TRIED if job["dry_run"] else _DONE
    found = [(str(words[name]), report[name]) for name in words if report[name]]
    return found or [(str(words["added"]), 0)]


def place(report: Mapping[str, Any], number: int, file: str | None = None) -> str:
    """Describe an incident's location: a line, a row, a document of an archive; empty for the whole file."""
    if file:
        return file
    if not number or report.get("unit") == "document":
        return ""
    unit = report.get("unit", "line")
    if unit == "row":
        return _("Row %(number)s", number=number)
    return _("Item %(number)s", number=number) if unit == "item" else _("Line %(number)s", number=number)


def places(report: Mapping[str, Any], repeated: RepeatedError) -> str:
    """Describe the locations of an error that several lines may have; empty for the whole file."""
    error, lines, found = repeated
    if len(lines) < 2 or not error.line:
        return place(report, error.line, error.file)
    unit = report.get("unit", "line")
    if unit == "document":
        return _and_more(found[:MAX_NAMED], len(found[MAX_NAMED:]))
    numbers = _and_more(*line_ranges(lines))
    if unit == "row":
        named = _("Rows %(numbers)s", numbers=numbers)
    elif unit == "item":
        named = _("Items %(numbers)s", numbers=numbers)
    else:
        named = _("Lines %(numbers)s", numbers=numbers)
    return f"{error.file}: {named}" if error.file else named


def _and_more(named: Sequence[str], more: int) -> str:
    listed = ", ".join(named)
    return _("%(listed)s and %(count)s more", listed=listed, count=more) if more else listed
