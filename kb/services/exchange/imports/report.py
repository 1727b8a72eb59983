"""The report of an import, as `kb import --format json` and the API give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.language import LanguageSource
from kb.services.review.style_hints import style_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb.services.exchange.imports.duplicates import LikelyDuplicate
    from kb.services.exchange.imports.importing import ImportReport
    from kb.services.exchange.line_checks import CheckedFile, Line, LineError

    Note = dict[str, Any]
    """A style hint with its line."""

MAX_LISTED = 1_000
"""How many incidents, errors, remarks, duplicates and notes a capped report lists."""

_LISTS = ("incidents", "errors", "remarks", "duplicates", "notes")


def style_notes(lines: Sequence[Line]) -> list[Note]:
    """The style hints on the texts of lines."""
    return [
        {"line": line.number, "file": line.file, **hint}
        for line in lines
        for hint in style_hints(line.data, line.data["organization"], line.data["language"])
    ]


def import_report(
    checked: CheckedFile,
    done: ImportReport,
    skipped: int,
    duplicates: Sequence[LikelyDuplicate],
    notes: list[Note] | None,
) -> dict[str, Any]:
    """Report what an import has done or would do: `notes` are from a dry run, None after an import."""
    stored = done.added if notes is None else ()
    return {
        "unit": checked.unit,
        "added": len(done.added) + done.kept,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "skipped": skipped,
        "keeps_records": checked.keeps_records,
        "ignored": [*checked.ignored],
        "withdrawn": checked.withdrawn,
        "missing_originals": done.missing_originals,
        "hidden": done.hidden,
        "languages_detected": done.languages(LanguageSource.DETECTED),
        "languages_assumed": done.languages(LanguageSource.ASSUMED),
        "incidents": [{"line": line.number, "incident": incident_id} for line, incident_id in stored],
        "errors": [_fields(error) for error in checked.errors],
        "remarks": [_fields(remark) for remark in checked.remarks],
        "duplicates": [_fields(duplicate) for duplicate in duplicates],
        **({} if notes is None else {"dry_run": True, "notes": notes}),
    }


def capped_report(report: dict[str, Any], say: Callable[[str], str]) -> dict[str, Any]:
    """Cap the lists of a report, translate it with `say`, and count the items left off each list."""
    lists = {name: report[name] for name in _LISTS if report.get(name)}
    capped = {
        name: [
            {**item, "detail": say(item["detail"])} if "detail" in item else item
            for item in items[:MAX_LISTED]
        ]
        for name, items in lists.items()
    }
    left_off = {name: len(items) - MAX_LISTED for name, items in lists.items() if len(items) > MAX_LISTED}
    return {**report, **capped, "left_off": left_off}


def _fields(item: LineError | LikelyDuplicate) -> dict[str, Any]:
    """The fields of an error, a remark or a duplicate, without empty file names and columns."""
    return {
        name: value
        for name, value in item._asdict().items()
        if value or name not in ("file", "of_file", "column")
    }
