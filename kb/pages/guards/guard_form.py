"""The form of a guard: parsing it into the guard's data, and the errors by field."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kb.domain.countries import read_countries
from kb.guards.types import severities_of
from kb.pages.guards.guard_example_fields import read_examples
from kb.pages.guards.guard_fields import FIELDS
from kb.pages.guards.guard_subjects import platform_names
from kb.pages.language import LANGUAGES, in_interface_language
from kb.pages.messages import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from werkzeug.datastructures import MultiDict

    from kb.domain.guard import GuardType
    from kb.pages.guards.guard_fields import GuardField
    from kb.services.check.guard_writing.written_guards import Mistake

_TEXTS = ("title", "message", "suggestion")


def read_guard(form: MultiDict[str, str], type_: GuardType) -> tuple[str, dict[str, Any]]:
    """Read the key and the data of the guard in a form, not yet validated."""
    texts = {name: _texts(form, name) for name in _TEXTS}
    known, unknown = read_countries(form.get("countries", ""))
    severities = severities_of(type_)
    data = {
        "title": texts["title"],
        "type": type_.value,
        "severity": form.get("severity") or severities[0].value,
        "message": texts["message"],
        "suggestion": texts["suggestion"],
        "parameters": dict(_parameters(form, type_)),
        "countries": [*known, *unknown],
        "platforms": form.getlist("platforms"),
        "accounts": [line.strip() for line in form.get("accounts", "").splitlines() if line.strip()],
        "examples": {kind: read_examples(form, kind) for kind in ("bad", "good")},
    }
    return form.get("key", "").strip() or _key(texts["title"].get("en", ""), type_), data


def problems_of(type_: GuardType, data: Mapping[str, Any]) -> dict[str, str]:
    """Return the problems that the fields themselves find, by control."""
    parameters = data["parameters"]
    found = {
        field.control: field.kind.problem(parameters[field.name])
        for field in FIELDS[type_]
        if field.name in parameters
    }
    return {control: problem for control, problem in found.items() if problem}


def errors_of(
    type_: GuardType, data: Mapping[str, Any], mistakes: Iterable[Mistake]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the errors of a guard's tests: by control, and those of single examples by keys like `bad-0`."""
    errors: dict[str, str] = {}
    examples: dict[str, str] = {}
    for mistake in mistakes:
        name, _slash, rest = mistake.field.lstrip("/").partition("/")
        kind, _slash, place = rest.partition("/")
        detail = in_interface_language(mistake.detail)
        if name == "examples" and place:
            examples.setdefault(f"{kind}-{place.partition('/')[0]}", detail)
            errors.setdefault(kind, _examples_error(kind))
        else:
            control, message = _field_error(type_, data, mistake.field, detail)
            errors.setdefault(control, message)
    return errors, examples


def fits(type_: GuardType, data: Mapping[str, Any]) -> bool:
    """Whether the form can represent all of a guard's data."""
    fields = {field.name: field for field in FIELDS[type_]}
    return (
        bool(data["active"])
        and all(data[name].keys() <= LANGUAGES.keys() for name in _TEXTS)
        and {*data["platforms"]} <= platform_names().keys()
        and all(
            name in fields and fields[name].kind.holds(value) for name, value in data["parameters"].items()
        )
    )


def _parameters(form: MultiDict[str, str], type_: GuardType) -> Iterable[tuple[str, Any]]:
    for field in FIELDS[type_]:
        value = field.kind.read(form, field.control)
        if value is not None and value != (field.default if field.default is not None else []):
            yield field.name, value


def _texts(form: MultiDict[str, str], name: str) -> dict[str, str]:
    typed = {language: form.get(f"{name}-{language}", "").strip() for language in LANGUAGES}
    return {language: " ".join(text.split()) for language, text in typed.items() if text}


def _key(title: str, type_: GuardType) -> str:
    """Build a key from an English title, or else from the type."""
    words = re.findall("[a-z0-9]+", title.casefold())
    return "-".join(words)[:60].strip("-") or f"our-{type_.value}"


def _examples_error(kind: str) -> str:
    if kind == "bad":
        return _("It finds nothing in drafts that it must find.")
    return _("It finds something in drafts that it must let pass.")


def _field_error(type_: GuardType, data: Mapping[str, Any], pointer: str, detail: str) -> tuple[str, str]:
    """Return the control of a field in the data, and its error, in the form's wording."""
    name, _slash, rest = pointer.lstrip("/").partition("/")
    if name == "parameters":
        return _parameter_error(FIELDS[type_], data["parameters"], rest, detail)
    if name in _TEXTS:
        if name == "message" and not rest:
            detail = _("Write what is wrong with such a draft, in one language at least.")
        return f"{name}-{rest.partition('/')[0] or 'en'}", detail
    if name == "examples":
        return rest.partition("/")[0] or "bad", detail
    if name == "countries":
        detail = _("Write names or two-letter codes, separated by commas: Israel, US.")
    if name == "key":
        detail = _("Write letters from a to z, digits and hyphens, such as our-words-to-avoid.")
    return name or "key", detail


def _parameter_error(
    fields: tuple[GuardField, ...], parameters: Mapping[str, Any], rest: str, detail: str
) -> tuple[str, str]:
    name, _slash, place = rest.partition("/")
    field = next((field for field in fields if field.name == name), fields[0])
    if not place and field.advice is not None:
        return field.control, str(field.advice)
    value = parameters.get(field.name)
    if place.isdigit() and isinstance(value, list) and isinstance(value[int(place)], str):
        text = value[int(place)]
        # Most problems quote the text themselves.
        detail = detail if text in detail else _("“%(text)s”: %(problem)s", text=text, problem=detail)
    return field.control, detail
