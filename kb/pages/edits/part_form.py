"""The form of a part: the typed values, the changes of others since it was opened, and the errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flask import request
from marshmallow import ValidationError

from kb.domain.dates import MOMENTS
from kb.messages import message_of
from kb.pages.edits.controls import Typed, is_same, normalized
from kb.pages.edits.options import options
from kb.pages.language import in_interface_language, interface_language
from kb.pages.messages import _
from kb.pages.sent_version import sent_version
from kb.pages.words.change_words import changes, field_label
from kb.schemas.incident_input import IncidentPatchSchema
from kb.schemas.pointers import field_errors
from kb.schemas.proposals import ProposalPatchSchema
from kb.services.incidents.changes.history import field_diffs
from kb.services.incidents.editing import find_state
from kb.services.review.concerns import concern_of
from kb.services.review.form_fields import form_fields
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.domain.publication import Concern
    from kb.errors import Conflict, FieldError, InvalidInput
    from kb.pages.edits.options import Options
    from kb.pages.edits.parts import Field
    from kb.pages.edits.place import Place
    from kb.pages.words.change_words import Change
    from kb.services.incidents.editing import Editable

FORM = "part-form"
"""The field of what is wrong with the form as a whole."""

_NOT_OF_CONTENT = ("/id", "/created_at", "/slug", "/team", "/author", "/extra", "/external_id")


class Control(NamedTuple):
    """A field as the template shows it. `original` is the text that a translation translates."""

    field: Field
    label: str
    hint: str
    typed: Typed
    options: Options
    original: str


class Meanwhile(NamedTuple):
    """What others have changed since a form was opened: the place now, what to type there, and the changes.
    With `is_gone`, the item that was to be changed is no longer in its list as it was."""

    place: Place
    typed: Mapping[str, Typed]
    changes: Sequence[Change]
    is_gone: bool


class Problems(NamedTuple):
    """What is wrong with a form that was sent, by field, and the status of the answer."""

    errors: Mapping[str, str]
    status: int
    concerns: Mapping[Concern, list[str]]


def sent_form(place: Place) -> dict[str, Typed]:
    """Return what was typed, by field."""
    return {field.name: normalized(request.form.getlist(field.name)) for field in place.fields}


def sent_proposal() -> int | None:
    """Return the proposal that the form was opened for, if any."""
    text = request.form.get("proposal", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def load(editable: Editable, data: Mapping[str, Any]) -> dict[str, Any]:
    """Validate a change with the schema of the API. Raises ValidationError."""
    more: dict[str, Any] = {"comment": request.form.get("comment", "").replace("\r\n", "\n")}
    schema = IncidentPatchSchema() if editable.proposal is None else ProposalPatchSchema()
    more["acknowledge" if editable.proposal is None else "keep"] = request.form.getlist("acknowledge")
    loaded: dict[str, Any] = schema.load({**data, **{name: value for name, value in more.items() if value}})
    return loaded


def controls(place: Place, state: Mapping[str, Any], typed: Mapping[str, Typed]) -> list[Control]:
    """Return the fields of the form with their values."""
    asked = {field.name: field.question for field in form_fields(state["kind"], interface_language())}
    original = place.original(state)
    found = []
    for field in place.fields:
        label = str(field.label) if field.label is not None else field_label(field.name) or field.name
        hint = str(field.hint) if field.hint is not None else asked[field.name] if field.asked else ""
        values = typed[field.name]
        choices = [] if field.options is None else options(field.options, values)
        found.append(Control(field, label, hint, values, choices, original.get(field.name, "")))
    return found


def meanwhile(editable: Editable, place: Place, form: Mapping[str, Typed]) -> Meanwhile:
    """Compare what was typed with what others have changed since the form was opened.

    A field in which nothing was typed has its present value; in the others, what was typed stays.
    """
    version = next(iter(sent_version()), 0)
    base = find_state(current_actor(), editable.incident_id, sent_proposal(), version)
    if base is None:
        return Meanwhile(place, form, (), is_gone=False)
    now = place.in_state(base, editable.state)
    is_gone = now.number is None and place.number is not None
    typed = dict(form)
    if not is_gone:
        before, present = place.typed(base), now.typed(editable.state)
        typed.update(
            (field.name, present[field.name])
            for field in place.fields
            if is_same(field.control, form[field.name], before[field.name])
        )
    changed = [each for each in field_diffs(base, editable.state) if each["pointer"] not in _NOT_OF_CONTENT]
    return Meanwhile(now, typed, changes(changed, editable.state["original_language"]), is_gone)


def invalid(editable: Editable, place: Place, error: InvalidInput | ValidationError) -> Problems:
    """Return the errors of the input by field: the page's advice where the schema rejects it, else the
    service's message."""
    by_schema = isinstance(error, ValidationError)
    found = field_errors(error.messages) if isinstance(error, ValidationError) else error.errors
    fields = {field.name: field for field in place.fields}
    errors: dict[str, str] = {}
    for each in found:
        name = _field_of(editable.state, place, each)
        if name not in fields:
            errors.setdefault(FORM, _of_another_field(each))
            continue
        advice = fields[name].advice if by_schema or name in MOMENTS else None
        errors.setdefault(name, in_interface_language(each.detail) if advice is None else str(advice))
    return Problems(errors, 422, {})


def refused(editable: Editable, error: Conflict) -> Problems:
    """Return the reasons for which a change is refused: concerns to acknowledge first, or the service's
    message."""
    concerns: dict[Concern, list[str]] = {}
    for each in error.errors:
        if (concern := concern_of(each)) is not None:
            concerns.setdefault(concern, []).append(in_interface_language(each.detail))
    if concerns:
        message = _("Tick what you know of, to save it in spite of that.")
        return Problems({"acknowledge": message}, 409, concerns)
    if editable.conflicts:
        return Problems({"acknowledge": _("Tick what is to stay as it is proposed.")}, 409, {})
    return Problems({FORM: in_interface_language(message_of(error))}, 409, {})


def _field_of(state: Mapping[str, Any], place: Place, error: FieldError) -> str:
    """Return the field of the form that an error points to; an empty name if it is none."""
    path = error.pointer.strip("/").split("/")
    if not place.part.is_list:
        return path[0]
    number = len(state[place.part.key]) if place.number is None else place.number
    is_here = place.is_translation(state) or path[:2] == [place.part.key, str(number)]
    return path[-1] if is_here and len(path) > 2 else ""


def _of_another_field(error: FieldError) -> str:
    text = in_interface_language(error.detail)
    label = field_label(error.pointer)
    return text if label is None else _("%(field)s: %(problem)s", field=label, problem=text)
