"""Answers to a check: go ahead anyway, not a problem, check it again, file it as a near miss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.domain.incident import Kind
from kb.errors import Conflict, FieldError, InvalidInput, NotFound
from kb.messages import Message
from kb.pages.checks.check_form import Problem
from kb.pages.checks.check_receipts import receipt_page
from kb.pages.language import in_interface_language, interface_language, text_languages
from kb.pages.messages import _, _l, _n
from kb.pages.words.check_words import SEVERITIES
from kb.schemas.guard_offers import HarmlessInputSchema
from kb.schemas.pointers import field_errors
from kb.schemas.receipts import NearMissInputSchema, OverrideInputSchema, RerunInputSchema
from kb.services.accounts.teams import list_teams
from kb.services.check.checking import check_draft
from kb.services.check.receipts import feedback, near_miss, overrides, rerun
from kb.services.check.receipts.reading import read_check
from kb.services.review.form_fields import form_fields
from kb.services.taxonomy.listing import get_namespace
from kb.web.current_actor import current_actor, current_day
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue
    from marshmallow import Schema

    from kb.domain.check import CheckRequest
    from kb.pages.messages import LazyText

_CHECK = "/checks/<int:check_id>"
_FINDING = f"{_CHECK}/findings/<int:number>/not-a-problem"

NEAR_MISS_TEXTS = ("cause", "outcome")
"""What a review asks for and no check knows."""
NEAR_MISS_FIELDS = (
    "team",
    "organization",
    "title",
    "summary",
    *NEAR_MISS_TEXTS,
    "category",
    "lesson",
    "language",
)
NEAR_MISS_REQUIRED = ("organization", "title", "category")

_ADVICE: Mapping[str, LazyText] = {
    "reason": _l("Write the reason in at most 500 characters."),
    "text": _l("Paste the text exactly as it was checked: a different text would be a different check."),
    "links": _l("Write the same links in the same order, one per line."),
    "organization": _l("Write the name of the organization, in at most 200 characters."),
    "title": _l("Write a title of at most 300 characters."),
    "category": _l("Choose what kind of failure it would have been."),
    "team": _l("Choose the team to file it for."),
    "lesson": _l("Shorten the lesson."),
    "summary": _l("Shorten the summary."),
}


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    add = blueprint.add_url_rule
    add(f"{_CHECK}/override", view_func=check_go_ahead, methods=["POST"])
    add(f"{_CHECK}/rerun", view_func=check_rerun, methods=["POST"])
    add(_FINDING, view_func=check_harmless_page)
    add(_FINDING, view_func=check_call_harmless, methods=["POST"])
    add(f"{_CHECK}/near-miss", view_func=check_near_miss_page)
    add(f"{_CHECK}/near-miss", view_func=check_file_near_miss, methods=["POST"])


@with_permission_check
def check_go_ahead(check_id: int) -> ResponseReturnValue:
    """Record that the caller goes ahead despite a check's findings, and why."""
    try:
        data = _loaded(OverrideInputSchema(), _sent("reason"))
        overrides.override_check(current_actor(), check_id, data["reason"])
    except InvalidInput as error:
        return receipt_page(check_id, _problems(error)), 422
    flash(_("Recorded with your name: you go ahead."))
    return _to_receipt(check_id)


@with_permission_check
def check_rerun(check_id: int) -> ResponseReturnValue:
    """Check the same text again with the current guards and incidents."""
    actor, languages = current_actor(), text_languages()

    def check(draft: CheckRequest) -> Mapping[str, Any]:
        return check_draft(actor, draft, languages, today=current_day())

    try:
        difference = rerun.rerun_check(
            actor, check_id, _loaded(RerunInputSchema(), _sent_draft()), languages, check
        )
    except InvalidInput as error:
        return receipt_page(check_id, _problems(error, "same-")), 422
    return _to_receipt(difference["id"])


@with_permission_check
def check_harmless_page(check_id: int, number: int) -> str:
    """Ask why a finding is not a problem, and for the text if it was not kept."""
    return _harmless_form(check_id, number, [])


@with_permission_check
def check_call_harmless(check_id: int, number: int) -> ResponseReturnValue:
    """Offer the draft to the guard's owner as a good example, and to those of guards that say nearly the
    same: else the next check would stop it for the same words.

    If the form held the only copy of the text, the answer holds it as well: there may be more to fix in it.
    """
    try:
        data = _loaded(HarmlessInputSchema(), _sent("reason") | _sent_draft())
        offered = sum(_is_offered(check_id, each, data) for each in _alike(check_id, number))
    except InvalidInput as error:
        return _harmless_form(check_id, number, _problems(error)), 422
    if offered:
        flash(
            _n(
                "The draft was offered to the guard's owners, as an example of what is fine.",
                "The draft was offered to the owners of %(num)s guards that say nearly the same, as an "
                "example of what is fine.",
                offered,
            )
        )
    else:
        flash(_("It was called not a problem before; nothing was changed."))
    if "text" in data:
        links = "\n".join(data.get("links", ()))
        return receipt_page(check_id, draft={"text": data["text"], "links": links})
    return _to_receipt(check_id, f"finding-{number}")


def _alike(check_id: int, number: int) -> list[int]:
    """Return the number of a finding, and those of the findings that were folded into it."""
    findings = read_check(current_actor(), check_id, text_languages())["findings"]
    folded = (place for place, each in enumerate(findings, 1) if each["folded_into"] == number)
    return [number, *folded]


def _is_offered(check_id: int, number: int, data: Mapping[str, Any]) -> bool:
    """Offer a draft to the owner of the guard of a finding; False if it was offered before."""
    try:
        feedback.call_harmless(current_actor(), check_id, number, data)
    except Conflict:
        return False
    return True


@with_permission_check
def check_near_miss_page(check_id: int) -> ResponseReturnValue:
    """Show the near miss that a check would file, for editing; one that is filed already leads to it."""
    if (filed := _filed_already(check_id)) is not None:
        return filed
    suggested = near_miss.suggest_near_miss(current_actor(), check_id, interface_language())
    return _near_miss_form(check_id, {name: suggested.get(name) or "" for name in NEAR_MISS_FIELDS}, [])


@with_permission_check
def check_file_near_miss(check_id: int) -> ResponseReturnValue:
    """File a near miss as a draft, and lead to it, or to the one that is filed already."""
    if (former := _filed_already(check_id)) is not None:
        return former
    try:
        data = _loaded(NearMissInputSchema(), _near_miss_data())
        filed = near_miss.file_near_miss(current_actor(), check_id, data)
    except InvalidInput as error:
        values = {name: request.form.get(name, "") for name in NEAR_MISS_FIELDS}
        return _near_miss_form(check_id, values, _problems(error)), 422
    flash(_("Filed as a draft. Look at what a review needs, and hand it in."))
    return redirect(url_for("pages.incident_page", incident_id=filed.incident["id"]), 303)


def _filed_already(check_id: int) -> ResponseReturnValue | None:
    number = near_miss.filed_near_miss(current_actor(), check_id)
    if number is None:
        return None
    flash(_("This check is filed already: here it is."))
    return redirect(url_for("pages.incident_page", incident_id=number), 303)


def _harmless_form(check_id: int, number: int, problems: list[Problem]) -> str:
    receipt = read_check(current_actor(), check_id, text_languages())
    if not 1 <= number <= len(receipt["findings"]):
        raise NotFound(Message("Check {check_id} has no finding {number}.", check_id=check_id, number=number))
    return render_template(
        "check_harmless.html",
        receipt=receipt,
        finding=receipt["findings"][number - 1],
        severities=SEVERITIES,
        problems=problems,
        reason=request.form.get("reason", ""),
        text=request.form.get("text", ""),
        links=request.form.get("links", ""),
    )


def _near_miss_form(check_id: int, values: Mapping[str, str], problems: list[Problem]) -> str:
    actor = current_actor()
    categories = get_namespace(actor, "category", text_languages())["terms"]
    return render_template(
        "check_near_miss.html",
        check_id=check_id,
        values=values,
        problems=problems,
        asked=[
            each for each in form_fields(Kind.NEAR_MISS, interface_language()) if each.name in NEAR_MISS_TEXTS
        ],
        categories=[(term["key"], term["label"]) for term in categories if not term["retired"]],
        teams=[(team["key"], team["name"]) for team in list_teams(actor)],
    )


def _near_miss_data() -> dict[str, Any]:
    """Return the near miss in the form. Emptied fields are not filled in again: raises InvalidInput."""
    sent = _sent(*NEAR_MISS_FIELDS)
    missing = [FieldError(f"/{name}", Message("Missing.")) for name in NEAR_MISS_REQUIRED if name not in sent]
    if missing:
        raise InvalidInput(missing)
    return {"lesson": "", **sent}


def _sent(*names: str) -> dict[str, Any]:
    """Return the fields of the form that are not empty."""
    return {name: request.form[name] for name in names if request.form.get(name, "").strip()}


def _sent_draft() -> dict[str, Any]:
    """Return the text and the links of the form, if it has them."""
    sent = {name: value.replace("\r\n", "\n") for name, value in _sent("text").items()}
    links = request.form.get("links", "").split()
    return sent | ({"links": links} if links else {})


def _loaded(schema: Schema, data: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        loaded: Mapping[str, Any] = schema.load(data)
    except ValidationError as error:
        raise InvalidInput(field_errors(error.messages)) from error
    return loaded


def _problems(error: InvalidInput, prefix: str = "") -> list[Problem]:
    """Return the problems of a form, one per field, with a prefix before the field's id."""
    fields = {each.pointer.lstrip("/").partition("/")[0]: each.detail for each in error.errors}
    return [
        Problem(f"{prefix}{name}", str(_ADVICE.get(name) or in_interface_language(detail)))
        for name, detail in fields.items()
    ]


def _to_receipt(check_id: int, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("pages.check_receipt_page", check_id=check_id, _anchor=anchor), 303)
