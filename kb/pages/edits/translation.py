"""The page on which an incident is translated: its language first, then all of its texts, since readers are
shown a whole translation or none."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from babel import Locale
from flask import flash, redirect, render_template, request, url_for
from marshmallow import ValidationError

from kb.domain.incident import TEXT_FIELDS
from kb.domain.language import INTERFACE_LANGUAGES
from kb.errors import Conflict, InvalidInput, StaleVersion
from kb.pages.edits.controls import normalized
from kb.pages.edits.part_form import FORM, Control, Problems, refused
from kb.pages.edits.parts import PARTS, SECTIONS, translated_fields
from kb.pages.form_errors import errors_by_pointer
from kb.pages.language import interface_language
from kb.pages.messages import _, _l
from kb.pages.sent_version import sent_version
from kb.pages.words.change_words import changes, field_label
from kb.pages.words.incident_words import language_name
from kb.schemas.incident_input import TranslationInputSchema
from kb.schemas.language_tags import canonical_language, is_language
from kb.services.incidents.changes.history import field_diffs
from kb.services.incidents.editing import find_state, get_editable
from kb.services.incidents.read import get_incident
from kb.services.incidents.write import translate_incident
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.pages.edits.parts import Field
    from kb.pages.words.change_words import Change
    from kb.services.incidents.editing import Editable

_PATH = "/incidents/<int:incident_id>/translate"
_NO_PROBLEMS = Problems({}, 200, {})
_UNKNOWN = _l("Choose a language from the list.")
_LETTERS = 2
"""How many letters the code of a language has that is offered."""


class _Source(NamedTuple):
    """What is translated: the incident in its original language, and the way in which it is changed."""

    incident: Mapping[str, Any]
    editable: Editable


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule(_PATH, view_func=incident_translation_page)
    blueprint.add_url_rule(_PATH, view_func=incident_translate, methods=["POST"])


@with_permission_check
def incident_translation_page(incident_id: int) -> ResponseReturnValue:
    """Ask for a language, or with `?in=he` for all texts in that language."""
    asked = request.args.get("in")
    language = canonical_language(asked) if asked and is_language(asked) else None
    source = _source(incident_id, language)
    if language is None:
        errors = {} if asked is None else {"in": str(_UNKNOWN)}
        return _chooser(source, errors), 422 if errors else 200
    if language in (source.editable.language, source.incident["original_language"]):
        return _to_parts(incident_id, language)
    return _page(source, language, _NO_PROBLEMS)


@with_permission_check
def incident_translate(incident_id: int) -> ResponseReturnValue:
    """Store or propose a translation of the version that was read; show the form again if it has errors."""
    asked = request.args.get("in", "")
    if not is_language(asked):
        return _chooser(_source(incident_id, None), {"in": str(_UNKNOWN)}), 422
    language = canonical_language(asked)
    source = _source(incident_id, language)
    if language in (source.editable.language, source.incident["original_language"]):
        flash(_("It has been translated meanwhile. Change here what should be different."))
        return _to_parts(incident_id, language)
    try:
        data = TranslationInputSchema().load(_data(source))
        result = translate_incident(current_actor(), incident_id, sent_version(), language, data)
    except (InvalidInput, ValidationError) as error:
        return _page(source, language, _invalid(source, error))
    except StaleVersion:
        message = _(
            "It was changed in the meantime. What you typed is still here: compare, then save it again."
        )
        return _page(_source(incident_id, language), language, Problems({FORM: message}, 409, {}))
    except Conflict as error:
        return _page(source, language, refused(source.editable, error))
    if result.proposal is None:
        flash(_("Saved."))
    else:
        flash(_("Proposed. Readers see it once somebody else has accepted it."))
    return _to_parts(incident_id, language)


def _source(incident_id: int, language: str | None) -> _Source:
    # Its version is read first: whoever changes it meanwhile makes the translation void.
    incident = get_incident(current_actor(), incident_id, [])
    return _Source(incident, get_editable(current_actor(), incident_id, language))


def _to_parts(incident_id: int, language: str) -> ResponseReturnValue:
    parameters: dict[str, Any] = {"in": language}
    url = url_for("pages.incident_edit_page", incident_id=incident_id, **parameters)
    return redirect(url, HTTPStatus.SEE_OTHER)


def _texts(source: _Source) -> list[tuple[Field, str, str]]:
    """Return the texts of the original, each with its label and its translation; lessons come last."""
    parts = [part for section in SECTIONS for part in section.parts if not part.is_list]
    fields = [field for part in parts for field in translated_fields(part) if source.incident[field.name]]
    texts = [
        (field, str(field.label or field_label(field.name)), source.incident[field.name]) for field in fields
    ]
    (lesson,) = PARTS["lessons"].fields
    return texts + [
        (lesson._replace(name=_lesson_name(each)), _("Lesson %(number)s", number=number), each["text"])
        for number, each in enumerate(source.incident["lessons"], 1)
    ]


def _lesson_name(lesson: Mapping[str, Any]) -> str:
    return f"lesson-{lesson['id']}"


def _typed(name: str) -> str:
    return "".join(normalized([request.form.get(name, "")]))


def _data(source: _Source) -> dict[str, Any]:
    """Return the input as the API accepts it, without empty fields."""
    texts = {name: _typed(name) for name in TEXT_FIELDS}
    lessons = [{"id": each["id"], "text": _typed(_lesson_name(each))} for each in source.incident["lessons"]]
    comment = request.form.get("comment", "").replace("\r\n", "\n")
    data = {name: text for name, text in {**texts, "comment": comment}.items() if text}
    return {
        **data,
        "lessons": [each for each in lessons if each["text"]],
        "acknowledge": request.form.getlist("acknowledge"),
    }


def _invalid(source: _Source, error: InvalidInput | ValidationError) -> Problems:
    """Return the errors by field, in the order of the form; errors of no field come last."""
    sent = _data(source)["lessons"]
    advice = {field.name: field.advice for field, _label, _original in _texts(source)}
    found: dict[str, str] = {}
    for pointer, text in errors_by_pointer(error).items():
        path = pointer.strip("/").split("/")
        is_lesson = path[0] == "lessons" and len(path) > 1
        name = _lesson_name(sent[int(path[1])]) if is_lesson else path[0]
        by_schema = isinstance(error, ValidationError) and advice.get(name) is not None
        found.setdefault(name if name in advice else FORM, str(advice[name]) if by_schema else text)
    return Problems({name: found[name] for name in (*advice, FORM) if name in found}, 422, {})


def _summary(source: _Source, errors: Mapping[str, str]) -> dict[str, str]:
    """Return the errors for the list above the form, each once, though several fields may have it."""
    labels = {field.name: label for field, label, _original in _texts(source)}
    return {
        name: _("%(field)s: %(problem)s", field=labels[name], problem=text) if name in labels else text
        for name, text in errors.items()
    }


def _chooser(source: _Source, errors: Mapping[str, str]) -> str:
    known = {*source.incident["languages"], source.editable.language}
    names = Locale.parse(interface_language()).languages
    offered = [(tag, name) for tag, name in names.items() if len(tag) == _LETTERS and tag not in known]
    likely = (interface_language(), *INTERFACE_LANGUAGES)
    return render_template(
        "incident_translation_language.html",
        incident=source.incident,
        written_in=language_name(source.incident["original_language"]),
        languages=sorted(offered, key=lambda pair: pair[1]),
        chosen=next((tag for tag in likely if tag not in known), None),
        errors=errors,
    )


def _page(source: _Source, language: str, problems: Problems) -> ResponseReturnValue:
    controls = [
        Control(field, label, "", [_typed(field.name)], [], original)
        for field, label, original in _texts(source)
    ]
    page = render_template(
        "incident_translation.html",
        incident=source.incident,
        proposes=source.editable.proposes,
        text_language=language,
        name=language_name(language),
        controls=controls,
        errors=problems.errors,
        summary=_summary(source, problems.errors),
        concerns=problems.concerns,
        acknowledged=request.form.getlist("acknowledge"),
        comment=request.form.get("comment", ""),
        since=_since(source) if problems.status == HTTPStatus.CONFLICT else (),
        form_id=FORM,
    )
    return page, problems.status


def _since(source: _Source) -> Sequence[Change]:
    """Return what others have changed in the incident since the form was opened."""
    number = source.incident["id"]
    version = next(iter(sent_version()), 0)
    before = find_state(current_actor(), number, None, version)
    now = find_state(current_actor(), number, None, source.incident["version"])
    if before is None or now is None:
        return ()
    found = [
        each for each in field_diffs(before, now) if each["pointer"].strip("/") in {*TEXT_FIELDS, "lessons"}
    ]
    return changes(found, source.incident["original_language"])
