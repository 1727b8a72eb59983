"""Importing a file of incidents: a dry run shows what would change, and the import follows confirmation."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, request, url_for

from kb.errors import Conflict, FieldError, InvalidInput, MalformedInput
from kb.messages import Message, message_of
from kb.pages.exchange.columns_form import changed_mapping, columns_form
from kb.pages.language import in_interface_language, interface_language, text_languages
from kb.pages.parameters import page_url
from kb.pages.words.import_words import (
    REASONS,
    counts,
    is_active,
    may_import,
    phase,
    place,
    places,
    standing,
)
from kb.pages.words.incident_words import STATUS_NAMES
from kb.services.exchange.files.mapping import read_mapping
from kb.services.exchange.imports import jobs, runner
from kb.services.exchange.imports.runner import Requester
from kb.services.exchange.line_checks import LineError
from kb.services.exchange.repeated_errors import repeated_errors
from kb.services.incidents.read import rows_of
from kb.services.infrastructure.runtime import settings
from kb.translation import translated
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    _LocatedErrors = tuple[str, list[LineError]]
    """The locations of some errors, and the errors."""

PER_PAGE = 30
"""How many imports the list shows at a time."""

MAX_SHOWN = 50
"""The most problems, remarks, duplicates and incidents of an import that a page shows."""

_PATIENCE_SECONDS = 1.5
"""How long an answer waits for an import: most files are small, so people need not reload the page."""


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    address = "/imports/<int:job_id>"
    blueprint.add_url_rule("/imports", view_func=imports_page)
    blueprint.add_url_rule("/imports", view_func=import_file, methods=["POST"])
    blueprint.add_url_rule(address, view_func=import_page)
    blueprint.add_url_rule(f"{address}/import", view_func=import_confirm, methods=["POST"])
    blueprint.add_url_rule(f"{address}/reread", view_func=import_reread, methods=["POST"])
    blueprint.add_url_rule(f"{address}/cancel", view_func=import_cancel, methods=["POST"])
    blueprint.add_url_rule(f"{address}/restart", view_func=import_restart, methods=["POST"])


@with_permission_check
def imports_page() -> str:
    """Ask for a file, and list the imports of the last 30 days into the visitor's teams."""
    return _form()


@with_permission_check
def import_file() -> ResponseReturnValue:
    """Start the dry run of a file, and redirect to the page with its result."""
    mapping = request.form.get("mapping", "").strip() or None
    options = {"encoding": None, "dry_run": True, "skip_invalid": True, "again": False, "mapping": mapping}
    try:
        name, content = _sent_file()
        _check_mapping(mapping)
        team = request.form.get("team") or None
        job = jobs.create_job(current_actor(), team, name, content, options)
    except (InvalidInput, MalformedInput) as error:
        return _form(error), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as error:
        return _form(error), HTTPStatus.CONFLICT
    return _work_on(job)


@with_permission_check
def import_page(job_id: int) -> str:
    """Show an import: its progress, and what it has done or would do."""
    return _show(job_id)


def _show(job_id: int, refusal: Conflict | InvalidInput | None = None) -> str:
    actor = current_actor()
    job = jobs.get_job(actor, job_id)
    report = job["report"]
    problems, more_problems = _listed(report, "errors")
    remarks, more_remarks = _listed(report, "remarks")
    ids = [] if report is None else [each["incident"] for each in report.get("incidents", ())]
    return render_template(
        "import.html",
        job=job,
        team_names=dict(jobs.importing_teams(actor)),
        heading=standing(job),
        refusal=None if refusal is None else in_interface_language(_first_message(refusal)),
        is_active=is_active(job),
        phase=phase(job),
        may_import=may_import(report),
        keeps_file=jobs.keeps_file(actor, job_id),
        attempt=jobs.ticket_of(job).attempt,
        columns=columns_form(job) if job["dry_run"] else None,
        has_changed="changed" in request.args,
        counts=counts(job) if report else [],
        problems=problems,
        remarks=remarks,
        duplicates=_duplicates(report) if report else [],
        incidents=rows_of(actor, ids[:MAX_SHOWN], text_languages()),
        more={
            "errors": more_problems,
            "remarks": more_remarks,
            **{name: _more(report, name) for name in ("duplicates", "incidents")},
        },
        status_names=STATUS_NAMES,
    )


def _first_message(error: InvalidInput | MalformedInput | Conflict) -> Message:
    found = getattr(error, "errors", ())
    return found[0].detail if found else message_of(error)


@with_permission_check
def import_confirm(job_id: int) -> ResponseReturnValue:
    """Import the file of a dry run; one whose table is to be read otherwise is tried again instead."""
    actor, attempt = current_actor(), request.form.get("attempt", type=int)
    mapping = changed_mapping(jobs.get_job(actor, job_id), request.form)
    if mapping is not None:
        return _reread(job_id, mapping, has_changed=True)
    options = {name: request.form.get(name) == "1" for name in ("skip_invalid", "again")}
    try:
        job = jobs.confirm_job(actor, job_id, attempt=attempt, **options)
    except Conflict as error:
        return _show(job_id, error), HTTPStatus.CONFLICT
    return _work_on(job)


@with_permission_check
def import_reread(job_id: int) -> ResponseReturnValue:
    """Try the table of a dry run again, with what a form says of its columns and words."""
    mapping = changed_mapping(jobs.get_job(current_actor(), job_id), request.form)
    return _page_of(job_id) if mapping is None else _reread(job_id, mapping)


def _reread(job_id: int, mapping: Mapping[str, Any], *, has_changed: bool = False) -> ResponseReturnValue:
    attempt = request.form.get("attempt", type=int)
    try:
        job = jobs.reread_job(current_actor(), job_id, mapping, attempt=attempt)
    except InvalidInput as error:
        return _show(job_id, error), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as error:
        return _show(job_id, error), HTTPStatus.CONFLICT
    return _work_on(job, has_changed=has_changed)


@with_permission_check
def import_cancel(job_id: int) -> ResponseReturnValue:
    """Cancel an import that has written nothing."""
    try:
        jobs.cancel_job(current_actor(), job_id)
    except Conflict as error:
        return _show(job_id, error), HTTPStatus.CONFLICT
    return _page_of(job_id)


@with_permission_check
def import_restart(job_id: int) -> ResponseReturnValue:
    """Start an interrupted import again."""
    try:
        job = jobs.restart_job(current_actor(), job_id)
    except Conflict as error:
        return _show(job_id, error), HTTPStatus.CONFLICT
    return _work_on(job)


def _work_on(job: Mapping[str, Any], *, has_changed: bool = False) -> ResponseReturnValue:
    """Start running an import, which reports in the language of the page, and redirect to its page."""
    say = partial(translated, language=interface_language())
    thread = runner.start(jobs.ticket_of(job), Requester(current_actor(), say))
    thread.join(_PATIENCE_SECONDS)
    return _page_of(job["id"], has_changed=has_changed)


def _page_of(job_id: int, *, has_changed: bool = False) -> ResponseReturnValue:
    url = url_for("pages.import_page", job_id=job_id, changed=1 if has_changed else None)
    return redirect(url, HTTPStatus.SEE_OTHER)


def _form(error: InvalidInput | MalformedInput | Conflict | None = None) -> str:
    """Render the form for a file, with the error of the one that was sent, and the list of imports."""
    found = getattr(error, "errors", ())
    teams = jobs.importing_teams(current_actor())
    errors = {}
    if error is not None:
        field = found[0].pointer.strip("/").partition("/")[0] if found else "file"
        fields = ("file", "team", "mapping") if len(teams) > 1 else ("file", "mapping")
        name = field if field in fields else "file"
        errors[name] = in_interface_language(_first_message(error))
    page = jobs.list_jobs(current_actor(), limit=PER_PAGE, cursor=request.args.get("cursor"))
    return render_template(
        "imports.html",
        errors=errors,
        teams=teams,
        team_names=dict(teams),
        typed=request.form,
        max_megabytes=max(settings().max_import_bytes, settings().max_body_bytes) // 1_000_000,
        imports=[{**job, "heading": standing(job)} for job in page.items],
        next_url=None if page.next is None else page_url([("cursor", page.next)]),
    )


def _check_mapping(mapping: str | None) -> None:
    """Raise InvalidInput, at the field of the mapping, for one that cannot be read."""
    try:
        if mapping is not None:
            read_mapping(mapping)
    except (InvalidInput, MalformedInput) as error:
        raise InvalidInput([FieldError("/mapping", _first_message(error))]) from error


def _sent_file() -> tuple[str, bytes]:
    """Return the name of the uploaded file, without folders, and its content. Raises InvalidInput."""
    file = request.files.get("file")
    content = b"" if file is None else file.read()
    if file is None or not file.filename:
        raise InvalidInput([FieldError("/file", Message("Choose a file of incidents."))])
    if not content:
        raise InvalidInput([FieldError("/file", Message("The file is empty: there is nothing to import."))])
    return file.filename.replace("\\", "/").rpartition("/")[2][-100:], content


def _listed(report: Mapping[str, Any] | None, name: str) -> tuple[list[_LocatedErrors], int]:
    """Return the first different errors or remarks, by their locations, and how many are left."""
    if report is None:
        return [], 0
    items = report.get(name, ())
    if name == "remarks" and report.get("imported_before"):
        items = items[1:]  # the form asks for it instead
    different = repeated_errors((LineError(**item) for item in items), report.get("unit", "line"))
    by_place: dict[str, list[LineError]] = {}
    for each in different[:MAX_SHOWN]:
        by_place.setdefault(places(report, each), []).append(each.error)
    left_off = int(report.get("left_off", {}).get(name, 0))
    return [*by_place.items()], left_off + sum(len(each.lines) for each in different[MAX_SHOWN:])


def _duplicates(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return likely duplicates: the location and id of each, with the other one, and the reasons."""
    return [
        {
            "place": place(report, item["line"], item.get("file")),
            "incident": item["incident"],
            "of_place": place(report, item["of_line"] or 0, item.get("of_file")),
            "of_incident": item["of_incident"],
            "reasons": _reasons(item["reasons"]),
        }
        for item in islice(report["duplicates"] or (), MAX_SHOWN)
    ]


def _reasons(reasons: Iterable[str]) -> str:
    return ", ".join(str(REASONS[reason]) for reason in reasons)


def _more(report: Mapping[str, Any] | None, name: str) -> int:
    """Count the items of a list that the page does not show."""
    if report is None:
        return 0
    left_off = report.get("left_off", {}).get(name, 0)
    return max(0, len(report.get(name) or ()) - MAX_SHOWN) + int(left_off)
