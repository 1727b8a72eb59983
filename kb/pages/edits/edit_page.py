"""The overview of an incident for editing: its parts, each with a link to its form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flask import render_template, request, url_for

from kb.domain.completeness import REQUIRED_TO_PUBLISH
from kb.domain.field_diff import partial_date
from kb.domain.incident import TEXT_FIELDS, Status
from kb.domain.workflow import Step
from kb.pages.edits.controls import MANY, TEXT, WORDS
from kb.pages.edits.part_page import language_parameter
from kb.pages.edits.parts import PART_OF, SECTIONS, translated_fields
from kb.pages.edits.place import NEW
from kb.pages.messages import _l
from kb.pages.words.change_words import field_label, value_texts
from kb.pages.words.incident_words import language_name
from kb.pages.words.term_labels import Terms
from kb.services.incidents.duplicates.likely import (
    SAME_SOURCE,
    SAME_TIME,
    SIMILAR,
    SIMILAR_IN_TIME,
    list_duplicates,
)
from kb.services.incidents.editing import get_editable
from kb.services.review.transitions import list_events, list_steps
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from flask import Blueprint

    from kb.pages.edits.parts import Field, Part
    from kb.pages.messages import LazyText
    from kb.services.incidents.editing import Editable

DUPLICATES = "duplicates"
"""The parameter of the page that also asks for likely duplicates."""

_REASONS: Mapping[str, LazyText] = {
    SAME_SOURCE: _l("It cites the same source"),
    SIMILAR: _l("It is told in similar words"),
    SIMILAR_IN_TIME: _l("It is told in similar words, and the dates are close"),
    SAME_TIME: _l("It is about the same organization, and the dates may be close"),
}
"""Why another incident may be the same, in words."""

_RECENT = 20
"""How many steps are searched for the request for changes."""

_LEADS: Mapping[str, LazyText] = {
    Status.DRAFT: _l(
        "One part at a time. Each is saved on its own; only the team sees it until it is published."
    ),
    Status.IN_REVIEW: _l("It is being reviewed. Whoever reviews it reads it with what is changed here."),
    Status.PUBLISHED: _l("It is published: readers see each change at once."),
    Status.WITHDRAWN: _l("It was withdrawn: only its team sees it, and what is changed here."),
}
_PROPOSES = _l(
    "It is published, so each change is a proposal: readers see it once somebody else in the team has "
    "accepted it."
)


class Value(NamedTuple):
    """The value of a field in words; `name` is None for the only field of a part."""

    name: str | None
    texts: Sequence[str]
    is_text: bool


class Row(NamedTuple):
    """A part, or an item of a list, with the URL of its form."""

    name: str
    values: Sequence[Value]
    url: str
    key: str = ""
    is_missing: bool = False
    add: str | None = None
    items: Sequence[Row] = ()


class Group(NamedTuple):
    """Parts under a heading."""

    title: str
    rows: Sequence[Row]


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/incidents/<int:incident_id>/edit", view_func=incident_edit_page)


@with_permission_check
def incident_edit_page(incident_id: int) -> str:
    """Show the parts of an incident, each with a link to its form.

    `?in=he` chooses the language of its texts; `?duplicates=1` lists likely duplicates.
    """
    actor = current_actor()
    editable = get_editable(actor, incident_id, request.args.get("in"))
    state = editable.state
    return render_template(
        "incident_edit.html",
        incident=state,
        editable=editable,
        title=(_texts(editable).get("title") or state["title"]),
        lead=_PROPOSES if editable.proposes else _LEADS[state["status"]],
        groups=_groups(editable),
        duplicates=list_duplicates(actor, incident_id)["items"] if request.args.get(DUPLICATES) else (),
        reasons=_REASONS,
        asked=_asked_changes(incident_id) if state["status"] == Status.DRAFT else None,
        text_languages=[state["original_language"], *state["translations"]],
        language_name=language_name,
        is_translation=editable.language != state["original_language"],
        may_withdraw=Step.WITHDRAW in list_steps(actor, incident_id),
    )


def part_url(incident_id: int, pointer: str) -> str | None:
    """Return the URL of the form for the field that a JSON pointer names; None if no form has it."""
    part = PART_OF.get(pointer.strip("/").partition("/")[0])
    if part is None:
        return None
    item = NEW if part.is_list else None
    return url_for("pages.incident_part_page", incident_id=incident_id, part=part.key, item=item)


def _asked_changes(incident_id: int) -> Mapping[str, Any] | None:
    """Return the step with which a draft was handed back, unless another step followed."""
    events = list_events(current_actor(), incident_id, limit=_RECENT, cursor=None).items
    latest = next((event for event in events if event["step"] != Step.APPROVE), None)
    return latest if latest is not None and latest["step"] == Step.REQUEST_CHANGES else None


def _groups(editable: Editable) -> list[Group]:
    terms = Terms()
    is_translation = editable.language != editable.state["original_language"]
    groups = []
    for section in SECTIONS:
        shown = [(part, translated_fields(part) if is_translation else part.fields) for part in section.parts]
        rows = [_row(editable, part, fields, terms) for part, fields in shown if fields]
        if rows:
            groups.append(Group(str(section.title), rows))
    return groups


def _row(editable: Editable, part: Part, fields: Sequence[Field], terms: Terms) -> Row:
    state = editable.state
    is_missing = any(
        name in REQUIRED_TO_PUBLISH and not state[name]
        for name in (part.key, *(each.name for each in fields))
        if name in state
    )
    name = str(part.title) if part.title is not None else field_label(part.key) or part.key
    if not part.is_list:
        values = _values(editable, part, fields, terms)
        return Row(name, values, _url(editable, part), part.key, is_missing)
    items = [
        Row(
            str(part.numbered) % {"number": number},
            [Value(None, texts, part.key == "lessons")],
            _url(editable, part, str(number)),
        )
        for number, texts in enumerate(_items(editable, part, terms), 1)
    ]
    may_add = editable.language == state["original_language"]
    add = str(part.add) if may_add else None
    return Row(name, (), _url(editable, part, NEW), part.key, is_missing, add, items)


def _items(editable: Editable, part: Part, terms: Terms) -> Iterable[list[str]]:
    if part.key != "lessons":
        return [value_texts(part.key, [item], terms) for item in editable.state[part.key]]
    translated = {each["id"]: each["text"] for each in _texts(editable).get("lessons", ())}
    return [
        [translated[each["id"]]] if each["id"] in translated else [] for each in editable.state["lessons"]
    ]


def _values(editable: Editable, part: Part, fields: Sequence[Field], terms: Terms) -> list[Value]:
    texts = _texts(editable)
    found = []
    for field in fields:
        value = texts.get(field.name) if field.name in TEXT_FIELDS else editable.state[field.name]
        if field.name == "occurred_on":
            value = partial_date(editable.state)
        shown = value_texts(field.name, value, terms)
        if field.control in (MANY, WORDS):
            shown = [", ".join(shown)] if shown else []
        label = None if len(fields) == 1 or field.name == part.key else field.label or field_label(field.name)
        found.append(Value(label and str(label), shown, field.control is TEXT or field.name in TEXT_FIELDS))
    return found


def _texts(editable: Editable) -> Mapping[str, Any]:
    """Return the texts and lessons in the language that is edited."""
    state = editable.state
    if editable.language == state["original_language"]:
        return state
    translation: Mapping[str, Any] = state["translations"].get(editable.language, {})
    return translation


def _url(editable: Editable, part: Part, item: str | None = None) -> str:
    return url_for(
        "pages.incident_part_page",
        incident_id=editable.incident_id,
        part=part.key,
        item=item,
        **language_parameter(editable),
    )
