"""Reorder the items of a list of an incident, such as its lessons."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.errors import Conflict, InvalidInput, NotFound, StaleVersion
from kb.messages import Message
from kb.pages.edits.part_form import FORM, Problems, load, refused, sent_proposal
from kb.pages.edits.parts import PARTS
from kb.pages.edits.place import all_items
from kb.pages.form_errors import errors_by_pointer
from kb.pages.messages import _
from kb.pages.sent_version import sent_version
from kb.pages.words.change_words import changes, field_label, value_texts
from kb.pages.words.term_labels import Terms
from kb.services.incidents.changes.history import field_diffs
from kb.services.incidents.editing import find_state, get_editable, save
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.edits.parts import Part
    from kb.pages.words.change_words import Change
    from kb.services.incidents.editing import Editable

_PATH = "/incidents/<int:incident_id>/edit/<part>/order"
_NO_PROBLEMS = Problems({}, 200, {})


class _Item(NamedTuple):
    """An item: the name of its input, its text or Markup, and the position chosen for it, from 1."""

    name: str
    text: str
    place: int


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule(_PATH, view_func=incident_order_page)
    blueprint.add_url_rule(_PATH, view_func=incident_order_save, methods=["POST"])


@with_permission_check
def incident_order_page(incident_id: int, part: str) -> ResponseReturnValue:
    """Show the items of a list, each with its position."""
    editable = get_editable(current_actor(), incident_id, None)
    return _page(editable, _list(part), _NO_PROBLEMS)


@with_permission_check
def incident_order_save(incident_id: int, part: str) -> ResponseReturnValue:
    """Save the chosen order, or propose it, if the version that was read is still current."""
    editable, found = get_editable(current_actor(), incident_id, None), _list(part)
    if sent_proposal() != editable.proposal or editable.version not in sent_version():
        return _stale(editable, found)
    items = _items(editable, found)
    order = in_order([item.place for item in items])
    stored = all_items(found, editable.state)
    data = {found.key: [stored[place] for place in order]} if order != sorted(order) else {}
    try:
        waits = bool(data) and save(current_actor(), editable, sent_version(), load(editable, data))
    except StaleVersion:
        return _stale(get_editable(current_actor(), incident_id, None), found)
    except (InvalidInput, ValidationError) as error:
        said = next(iter(errors_by_pointer(error).values()))
        return _page(editable, found, Problems({FORM: said}, 422, {}))
    except Conflict as error:
        return _page(editable, found, refused(editable, error))
    if waits:
        flash(_("Proposed. Readers see it once somebody else has accepted it."))
    else:
        flash(_("Saved.") if data else _("Nothing was changed."))
    return redirect(_overview(incident_id, found), HTTPStatus.SEE_OTHER)


def in_order(places: Sequence[int]) -> list[int]:
    """Return the indexes of the items in their new order, given the position chosen for each.

    Of two items with the same place, the one that was moved there pushes the other one aside, as when items
    are dragged: after it, if it came from above, or before it, if it came from below.
    """

    def key(position: int) -> tuple[float, int, int]:
        place = places[position]
        moved = place - (position + 1)
        return place + 0.5 * ((moved > 0) - (moved < 0)), place, position

    return sorted(range(len(places)), key=key)


def _list(key: str) -> Part:
    part = PARTS.get(key)
    if part is None or not part.is_list:
        raise NotFound(Message("The incident has no such part."))
    return part


def _overview(incident_id: int, part: Part) -> str:
    return url_for("pages.incident_edit_page", incident_id=incident_id, _anchor=part.key)


def _items(editable: Editable, part: Part) -> list[_Item]:
    """Return the items of a list, each with the position that was sent for it, or else its current one."""
    terms, stored = Terms(), editable.state[part.key]
    found = []
    for number, item in enumerate(stored, 1):
        name = f"place-{item.get('id', number)}"
        sent = request.form.get(name, "")
        is_place = sent.isascii() and sent.isdigit() and len(sent) <= len(str(len(stored)))
        place = int(sent) if is_place and 1 <= int(sent) <= len(stored) else number
        text = item["text"] if part.key == "lessons" else value_texts(part.key, [item], terms)[0]
        found.append(_Item(name, text, place))
    return found


def _stale(editable: Editable, part: Part) -> ResponseReturnValue:
    """Show the changes of others beside the chosen positions, without storing anything."""
    message = _("It was changed in the meantime. Read it again, then decide.")
    return _page(editable, part, Problems({FORM: message}, 409, {}), _since(editable))


def _since(editable: Editable) -> Sequence[Change]:
    version = next(iter(sent_version()), 0)
    before = find_state(current_actor(), editable.incident_id, sent_proposal(), version)
    if before is None:
        return ()
    fields: list[Mapping[str, Any]] = [
        each for each in field_diffs(before, editable.state) if each["pointer"].strip("/") in PARTS
    ]
    return changes(fields, editable.state["original_language"])


def _page(
    editable: Editable, part: Part, problems: Problems, since: Sequence[Change] = ()
) -> ResponseReturnValue:
    page = render_template(
        "incident_order.html",
        incident=editable.state,
        editable=editable,
        part=part,
        heading=_("%(list)s: change the order", list=str(part.title or field_label(part.key))),
        items=_items(editable, part),
        errors=problems.errors,
        concerns=problems.concerns,
        acknowledged=request.form.getlist("acknowledge"),
        conflicts=[(pointer, field_label(pointer.rpartition("/")[2])) for pointer in editable.conflicts],
        since=since,
        form_id=FORM,
        back_url=_overview(editable.incident_id, part),
    )
    return page, problems.status
