"""Imports in words: how each stands, what it counts, where in a file something is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.import_job import ACTIVE_STATES, ImportPhase, ImportState
from kb.pages.messages import _, _l
from kb.services.incidents.duplicates import SAME_SOURCE, SAME_TIME, SIMILAR, SIMILAR_IN_TIME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.pages.messages import LazyText

PHASES: Mapping[str, LazyText] = {
    ImportPhase.CHECKING: _l("The file is being checked."),
    ImportPhase.WRITING: _l("The incidents are being stored."),
    ImportPhase.INDEXING: _l("They are stored, and are being made ready for searches."),
    ImportPhase.DUPLICATES: _l("Likely duplicates are being looked for."),
}
"""What an import does at the moment."""

REASONS: Mapping[str, LazyText] = {
    SIMILAR_IN_TIME: _l("similar text and time"),
    SAME_TIME: _l("same organization and time"),
    SAME_SOURCE: _l("same source"),
    SIMILAR: _l("similar text"),
}
"""Why two incidents may be the same."""

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
"""What a report counts, in the order of the page."""


def is_active(job: Mapping[str, Any]) -> bool:
    """Whether somebody works on an import, or is about to."""
    return job["state"] in ACTIVE_STATES


def standing(job: Mapping[str, Any]) -> str:
    """How an import stands, in a sentence: the heading of its page."""
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
    """Whether an import of the file of a trial would change anything."""
    return report is not None and bool(report["added"] or report["updated"])


def counts(job: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What the report of an import counts, without what there is none of."""
    report, words = job["report"], _TRIED if job["dry_run"] else _DONE
    found = [(str(words[name]), report[name]) for name in words if report[name]]
    return found or [(str(words["added"]), 0)]


def place(report: Mapping[str, Any], number: int, file: str | None = None) -> str:
    """Where in its file an incident is: a line, a row, a document of an archive; empty for the whole file."""
    if file:
        return file
    if not number or report.get("unit") == "document":
        return ""
    unit = report.get("unit", "line")
    if unit == "row":
        return _("Row %(number)s", number=number)
    return _("Item %(number)s", number=number) if unit == "item" else _("Line %(number)s", number=number)
