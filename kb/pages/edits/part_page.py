"""Edit one part of an incident."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.errors import Conflict, InvalidInput, StaleVersion
from kb.pages.edits.part_form import (
    FORM,
    Problems,
    controls,
    invalid,
    load,
    meanwhile,
    refused,
    sent_form,
    sent_proposal,
)
from kb.pages.edits.place import find_place
from kb.pages.messages import _
from kb.pages.sent_version import sent_version
from kb.pages.time_zones import zone_name
from kb.pages.words.change_words import field_label
from kb.services.incidents.editing import get_editable, save
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.edits.controls import Typed
    from kb.pages.edits.part_form import Meanwhile
    from kb.pages.edits.place import Place
    from kb.services.incidents.editing import Editable

_PATH = "/incidents/<int:incident_id>/edit/<part>"
_NO_PROBLEMS = Problems({}, 200, {})


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    for path in (_PATH, f"{_PATH}/<item>"):
        blueprint.add_url_rule(path, view_func=incident_part_page)
        blueprint.add_url_rule(path, view_func=incident_part_save, methods=["POST"])


@with_permission_check
def incident_part_page(incident_id: int, part: str, item: str | None = None) -> str:
    """Show the form of a part, or of an item of a list; the item `new` is added to the list."""
    editable = _editable(incident_id)
    place = find_place(editable.state, editable.language, part, item)
    return _page(editable, place, place.typed(editable.state))


@with_permission_check
def incident_part_save(incident_id: int, part: str, item: str | None = None) -> ResponseReturnValue:
    """Save a part, or propose the change, if the version that was read is still current."""
    editable = _editable(incident_id)
    place = find_place(editable.state, editable.language, part, item, sent=True)
    form = sent_form(place)
    if sent_proposal() != editable.proposal or editable.version not in sent_version():
        return _stale(editable, place, form)
    return _save(editable, find_place(editable.state, editable.language, part, item), form)


def _save(editable: Editable, place: Place, form: Mapping[str, Typed]) -> ResponseReturnValue:
    """Store the typed values and redirect to the overview, or show errors or the changes of others."""
    removes = request.form.get("step") == "remove" and place.number is not None
    data = place.data_without(editable.state) if removes else place.data(editable.state, form)
    try:
        waits = bool(data) and save(current_actor(), editable, sent_version(), load(editable, data))
    except (InvalidInput, ValidationError) as error:
        return _answer(editable, place, form, invalid(editable, place, error))
    except StaleVersion:
        return _stale(_editable(editable.incident_id), place, form)
    except Conflict as error:
        now = _editable(editable.incident_id)
        if now.proposal != editable.proposal:
            return _stale(now, place, form)
        return _answer(editable, place, form, refused(editable, error))
    if waits:
        flash(_("Proposed. Readers see it once somebody else has accepted it."))
    else:
        flash(_("Saved.") if data else _("Nothing was changed."))
    return redirect(_overview(editable, place), HTTPStatus.SEE_OTHER)


def _editable(incident_id: int) -> Editable:
    return get_editable(current_actor(), incident_id, request.args.get("in"))


def _overview(editable: Editable, place: Place) -> str:
    return url_for(
        "pages.incident_edit_page",
        incident_id=editable.incident_id,
        _anchor=place.part.key,
        **language_parameter(editable),
    )


def language_parameter(editable: Editable) -> dict[str, Any]:
    """The URL parameter of the edited language; none for the original's."""
    is_original = editable.language == editable.state["original_language"]
    return {} if is_original else {"in": editable.language}


def _stale(editable: Editable, place: Place, form: Mapping[str, Typed]) -> ResponseReturnValue:
    """Show the typed values beside the changes of others, without storing anything."""
    found = meanwhile(editable, place, form)
    if not found.is_gone:
        message = _(
            "It was changed in the meantime. What you typed is still here: compare, then save it again."
        )
    elif place.is_translation(editable.state):
        message = _("The lesson that this translates is no longer there.")
    else:
        message = _(
            "What you were changing is not in the list any more as it was. What you typed would be added to "
            "it."
        )
    return _answer(editable, found.place, found.typed, Problems({FORM: message}, 409, {}), found)


def _answer(
    editable: Editable,
    place: Place,
    typed: Mapping[str, Typed],
    problems: Problems,
    since: Meanwhile | None = None,
) -> ResponseReturnValue:
    return _page(editable, place, typed, problems, since), problems.status


def _page(
    editable: Editable,
    place: Place,
    typed: Mapping[str, Typed],
    problems: Problems = _NO_PROBLEMS,
    since: Meanwhile | None = None,
) -> str:
    part = place.part
    heading = part.title if part.title is not None else field_label(part.key)
    return render_template(
        "incident_part.html",
        editable=editable,
        incident=editable.state,
        text_language=editable.language,
        place=place,
        heading=str(part.item if part.is_list else heading),
        controls=controls(place, editable.state, typed),
        errors=problems.errors,
        concerns=problems.concerns,
        conflicts=[(pointer, field_label(pointer.rpartition("/")[2])) for pointer in editable.conflicts],
        since=since,
        comment=request.form.get("comment", ""),
        acknowledged=request.form.getlist("acknowledge"),
        form_id=FORM,
        zone=zone_name(current_actor().time_zone),
        back_url=_overview(editable, place),
        may_save=part.is_list is False
        or place.number is not None
        or not place.is_translation(editable.state),
        save_url=url_for(
            "pages.incident_part_save",
            incident_id=editable.incident_id,
            part=part.key,
            item=place.item,
            **language_parameter(editable),
        ),
    )
