"""Start a draft: a form with the few fields that are known right after a failure."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.errors import InvalidInput, RequestInFlight
from kb.pages.edits.controls import normalized
from kb.pages.edits.edit_page import DUPLICATES
from kb.pages.edits.options import options
from kb.pages.form_errors import errors_by_field
from kb.pages.form_sent_once import form_key, perform_once
from kb.pages.messages import _, _l
from kb.pages.words.change_words import field_label
from kb.schemas.incident_input import IncidentInputSchema
from kb.services.accounts.teams import list_filing_teams
from kb.services.incidents.write import create_incident
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.messages import LazyText

_PATH = "/incidents/new"
_FORM = "new-incident"
_MAX_DIGITS = 18
"""Digits of the largest number that every database stores."""
_FIELDS = ("title", "summary", "organization", "category", "team", "passed_check")

_ADVICE: Mapping[str, LazyText] = {
    "title": _l("Write a title of at most 300 characters."),
    "summary": _l("Shorten it: at most 20,000 characters are kept."),
    "organization": _l("Write the name of the organization, in at most 200 characters."),
    "category": _l("Choose a category from the list."),
    "team": _l("Choose the team to file it for."),
    "passed_check": _l("Write the number of a check of yours or your team's, such as 12, or none."),
}


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule(_PATH, view_func=incident_new_page)
    blueprint.add_url_rule(_PATH, view_func=incident_file, methods=["POST"])


@with_permission_check
def incident_new_page() -> str:
    """Ask for what a draft needs. `?team=KEY` chooses the team, `?passed_check=7` the check of the post."""
    return _page({})


@with_permission_check
def incident_file() -> ResponseReturnValue:
    """File a draft and redirect to its overview. Sending the form again redirects to the same draft."""
    try:
        data = IncidentInputSchema().load(_input())
        incident = perform_once(lambda: create_incident(current_actor(), data).incident)
    except (InvalidInput, ValidationError) as error:
        return _page(_errors(error)), 422
    except RequestInFlight:
        message = _("It is being filed already. Send it again in a moment: it is filed only once.")
        return _page({_FORM: message}, _("One moment, please")), 409
    flash(_("Filed as a draft. Only your team sees it; the rest can follow, one part at a time."))
    parameters: dict[str, Any] = {DUPLICATES: 1} if incident["likely_duplicates"] else {}
    url = url_for("pages.incident_edit_page", incident_id=incident["id"], **parameters)
    return redirect(url, HTTPStatus.SEE_OTHER)


def _errors(error: InvalidInput | ValidationError) -> dict[str, str]:
    """Return the errors by field, in the order of the form; an error of no field comes last."""
    found = errors_by_field(error, _ADVICE)
    errors = {name: found.pop(name) for name in _FIELDS if name in found}
    return errors | ({_FORM: next(iter(found.values()))} if found else {})


def _sent() -> dict[str, str]:
    return {name: "".join(normalized([request.form.get(name, "")])) for name in _FIELDS}


def _input() -> dict[str, Any]:
    """Return what was typed as an input of the schema, whose numbers are not texts."""
    sent: dict[str, Any] = {name: value for name, value in _sent().items() if value}
    check = sent.get("passed_check", "")
    return sent | ({"passed_check": int(check)} if check.isdecimal() and len(check) <= _MAX_DIGITS else {})


def _page(errors: Mapping[str, str], title: str | None = None) -> str:
    """Render the form with the typed values and its errors, under a `title` if they have one."""
    typed = _sent() | {name: request.values.get(name, "") for name in ("team", "passed_check")}
    return render_template(
        "incident_new.html",
        errors=errors,
        errors_title=title or _("Nothing was filed yet"),
        typed=typed,
        # In the template, a filter of a constant would be applied once: in the language of the first reader.
        labels={name: field_label(name) for name in _FIELDS[:4]},
        categories=options("category", ()),
        teams=[(team["key"], team["name"]) for team in list_filing_teams(current_actor())],
        key=form_key(),
        form_id=_FORM,
    )
