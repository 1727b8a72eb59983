"""Write a guard in the page, run its examples, and see what it would have found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flask import redirect, render_template, request, url_for

from kb.domain.guard import GuardType
from kb.guards.breadth import MAX_BREADTH
from kb.guards.definition import to_data
from kb.guards.types import FILLED_IN, severities_of
from kb.pages.countries import country_name
from kb.pages.guard_example_fields import FACTS, example_rows, facts_of
from kb.pages.guard_fields import FIELDS
from kb.pages.guard_form import errors_of, fits, problems_of, read_guard
from kb.pages.guard_rules import rules_of
from kb.pages.guard_subjects import platform_names
from kb.pages.guard_words import FILLED_IN_WORDS, SEVERITIES, TYPES
from kb.pages.language import LANGUAGES, interface_language, text_languages
from kb.services.check.backtest import backtest
from kb.services.check.guard_skeletons import guard_skeleton
from kb.services.check.guard_suggestions import suggest_guards
from kb.services.check.written_guards import GuardTextError, WrittenGuard, guard_text
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.domain.guard import Guard
    from kb.services.check.written_guards import Mistake

_MAX_QUOTE = 120


class ShownMistake(NamedTuple):
    """A mistake in a text with the line that it is in."""

    line: int | None
    quote: str
    field: str
    detail: str


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/guards/new", view_func=guard_new_page)
    blueprint.add_url_rule("/guards/new", view_func=guard_test, methods=["POST"])


@with_permission_check
def guard_new_page() -> ResponseReturnValue:
    """Offer the types, or the skeleton of one, or one that would have stopped the post of an incident."""
    type_ = request.args.get("type", "")
    if type_ not in TYPES:
        return render_template("guard_types.html", types=TYPES)
    text = _drafted(type_) or guard_skeleton(GuardType(type_)).strip() + "\n"
    return _page(text, _form_of(WrittenGuard(text).guard))


@with_permission_check
def guard_test() -> ResponseReturnValue:
    """Run the examples of a guard and its backtest. Nothing is stored."""
    if "guard" in request.form:
        return _test_text(request.form["guard"].replace("\r\n", "\n"))
    if request.form.get("type") not in TYPES:
        return redirect(url_for("pages.guard_new_page"))
    return _test_form(GuardType(request.form["type"]))


def _test_form(type_: GuardType) -> ResponseReturnValue:
    """Test what was typed into the fields."""
    key, data = read_guard(request.form, type_)
    text = guard_text(key, data)
    if errors := problems_of(type_, data):
        return _page(text, _form(key, data, errors)), 422
    try:
        written = WrittenGuard(text)
    except GuardTextError as error:
        errors, _examples = errors_of(type_, data, error.mistakes)
        return _page(text, _form(key, data, errors)), 422
    errors, examples = errors_of(type_, data, written.mistakes)
    return _answer(text, written, _form(key, data, errors, examples))


def _test_text(text: str) -> ResponseReturnValue:
    """Test a guard in YAML."""
    try:
        written = WrittenGuard(text)
    except GuardTextError as error:
        return _page(text, None, is_text=True, mistakes=_shown(text, error.mistakes)), 422
    form = _form_of(written.guard)
    return _answer(text, written, form, is_text=True, mistakes=_shown(text, written.mistakes))


def _answer(
    text: str, written: WrittenGuard, form: Mapping[str, Any] | None, **variables: Any
) -> ResponseReturnValue:
    """What the tests found, and the backtest."""
    # Examples that do not hold are better understood beside what else the guard finds.
    are_of_examples = all(
        mistake.field.startswith("/examples/") and mistake.field.count("/") > 2
        for mistake in written.mistakes
    )
    result = backtest(current_actor(), [written.guard], text_languages())[0] if are_of_examples else None
    if written.mistakes:
        return _page(text, form, result=result, **variables), 422
    rules = rules_of(written.guard)
    files = {"as_file": written.as_file(), "as_lesson": written.as_lesson()}
    return _page(text, form, result=result, rules=rules, **files, **variables)


def _drafted(type_: str) -> str | None:
    """The guard of a type that is suggested for the incident in the address, if any. Raises NotFound and
    Forbidden.
    """
    incident_id = request.args.get("incident", type=int)
    if incident_id is None:
        return None
    suggested = suggest_guards(current_actor(), incident_id, text_languages())["suggestions"]
    guards = (suggestion["guard"] for suggestion in suggested)
    guard = next((guard for guard in guards if guard["type"] == type_), None)
    return None if guard is None else guard_text(f"after-incident-{incident_id}", guard)


def _form_of(guard: Guard) -> dict[str, Any] | None:
    """What the fields of a guard show; None if they cannot say all of it."""
    data = to_data(guard)
    return _form(guard.key, data) if fits(guard.type, data) else None


def _form(
    key: str,
    data: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    example_errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the fields show."""
    type_ = GuardType(data["type"])
    return {
        "key": key,
        "data": data,
        "errors": errors or {},
        "example_errors": example_errors or {},
        "fields": FIELDS[type_],
        "severities": {each: SEVERITIES[each] for each in severities_of(type_)},
        "filled_in": {name: FILLED_IN_WORDS[name] for name in ("text", *FILLED_IN.get(type_, ()))},
        "languages": sorted(LANGUAGES, key=lambda language: language != interface_language()),
        "countries": ", ".join(map(country_name, data["countries"])),
        "platforms": platform_names(),
        "facts": facts_of(type_, data["examples"]),
        "rows": {kind: example_rows(kind, data["examples"][kind]) for kind in ("bad", "good")},
    }


def _page(text: str, form: Mapping[str, Any] | None, **variables: Any) -> str:
    return render_template(
        "guard_new.html",
        text=text,
        form=form,
        fact_labels=FACTS,
        language_names=LANGUAGES,
        max_share=MAX_BREADTH,
        types=TYPES,
        severities=SEVERITIES,
        **variables,
    )


def _shown(text: str, mistakes: Sequence[Mistake]) -> list[ShownMistake]:
    lines = text.split("\n")
    return [
        ShownMistake(line, _quote(lines[line - 1]) if line and line <= len(lines) else "", field, detail)
        for line, field, detail in mistakes
    ]


def _quote(line: str) -> str:
    plain = line.strip()
    return plain if len(plain) <= _MAX_QUOTE else f"{plain[:_MAX_QUOTE]}…"
