"""Write a guard in the page, run its examples, and see what it would have found."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import redirect, render_template, request, url_for

from kb.domain.guard import LESSON_PREFIX, GuardType
from kb.domain.permissions import Action, has_role_for
from kb.errors import NotFound
from kb.guards.definition import draft_data, to_data
from kb.guards.types import FILLED_IN, severities_of
from kb.pages.checks.check_form import zone_choices
from kb.pages.countries import country_name
from kb.pages.guards.backtest_answer import backtest_answer
from kb.pages.guards.guard_example_fields import FACTS, ZONE, example_rows, facts_of, zone_of
from kb.pages.guards.guard_fields import FIELDS
from kb.pages.guards.guard_form import errors_of, fits, problems_of, read_guard
from kb.pages.guards.guard_rules import rules_of
from kb.pages.guards.guard_subjects import platform_names
from kb.pages.language import LANGUAGES, interface_language, text_languages
from kb.pages.marked_text import found_parts
from kb.pages.words.guard_words import FILLED_IN_WORDS, SEVERITIES, TYPES, draft_facts
from kb.services.check.guard_listing import get_guard, try_examples
from kb.services.check.guard_writing.attaching import list_lesson_choices
from kb.services.check.guard_writing.backtest import backtest_in_steps
from kb.services.check.guard_writing.offers import guard_with_offer, own_lesson_guard
from kb.services.check.guard_writing.skeletons import guard_skeleton, sample_texts
from kb.services.check.guard_writing.suggestions import suggest_guards
from kb.services.check.guard_writing.written_guards import GuardTextError, WrittenGuard, guard_text
from kb.services.check.lesson_context import lesson_contexts
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.domain.draft import Draft
    from kb.domain.guard import Guard
    from kb.pages.marked_text import Part
    from kb.services.check.guard_writing.written_guards import Mistake

_MAX_QUOTE = 120


class Sample(NamedTuple):
    """An example of a guard: its facts, its text with the findings marked, and whether it holds."""

    draft: Draft
    facts: list[str]
    parts: list[Part]
    holds: bool


class ShownMistake(NamedTuple):
    """A mistake in a text with its line."""

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
    """Offer the types, or the skeleton of one, one that would have stopped a post, or an existing guard."""
    if changed := _changed():
        return _change_page(changed)
    type_ = request.args.get("type", "")
    if type_ not in TYPES:
        return render_template("guard_types.html", types=TYPES, lesson=_lesson(), context=_context())
    if drafted := _drafted(type_):
        return _page(drafted, _form_of(WrittenGuard(drafted).guard))
    text = guard_skeleton(GuardType(type_), interface_language()).strip() + "\n"
    # What the sample is called and advises is shown in its fields, but is no value of theirs.
    unnamed = replace(WrittenGuard(text).guard, title={}, suggestion={})
    return _page(text, _form_of(unnamed))


@with_permission_check
def guard_test() -> ResponseReturnValue:
    """Run the examples of a guard and its backtest. Nothing is stored."""
    if "guard" in request.form:
        return test_text(sent_text())
    if request.form.get("type") not in TYPES:
        return redirect(url_for("pages.guard_new_page"))
    return _test_form(GuardType(request.form["type"]))


def _change_page(key: str) -> ResponseReturnValue:
    """Show the form to change a guard; if the URL names an offered example, with it and its errors.

    Raises NotFound, Forbidden and Conflict.
    """
    offer = offer_in_request()
    found = _guard(key) if offer is None else guard_with_offer(current_actor(), key, offer)
    guard = replace(found, key=key.replace(":", "-"))  # as files can have it
    text, form = guard_text(guard.key, to_data(guard)), _form_of(guard)
    if offer is None:
        return _page(text, form)
    try:
        mistakes = WrittenGuard(text).mistakes
    except GuardTextError as error:
        mistakes = [*error.mistakes]
    if form is not None:
        data = to_data(guard)
        form = _form(guard.key, data, *errors_of(guard.type, data, mistakes))
    return _page(text, form, mistakes=_shown(text, mistakes))


def _guard(key: str) -> Guard:
    """Return the guard to change: one in use, or that of a lesson which is not published yet."""
    try:
        return get_guard(current_actor(), key).guard
    except NotFound:
        if not key.startswith(LESSON_PREFIX) or not has_role_for(current_actor(), Action.EDIT):
            raise
        return own_lesson_guard(current_actor(), key)


def _changed() -> str | None:
    """Return the key of the guard to change, if the URL or the form names one."""
    return request.values.get("changes") or None


def offer_in_request() -> int | None:
    """Return the offered example that the guard is changed for, if the URL or the form names one."""
    return request.values.get("offer", type=int)


def _test_form(type_: GuardType) -> ResponseReturnValue:
    """Test the guard typed into the fields."""
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
    return answer(text, written, _form(key, data, errors, examples))


def sent_text() -> str:
    """Return the guard in YAML that a form has sent."""
    return request.form.get("guard", "").replace("\r\n", "\n")


def test_text(text: str) -> ResponseReturnValue:
    """Test a guard in YAML, and return the results as a page."""
    try:
        written = WrittenGuard(text)
    except GuardTextError as error:
        return _page(text, None, is_text=True, mistakes=_shown(text, error.mistakes)), 422
    return answer(text, written, is_text=True, mistakes=_shown(text, written.mistakes))


def answer(
    text: str,
    written: WrittenGuard,
    form: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    **variables: Any,
) -> ResponseReturnValue:
    """Render the results of a guard's tests and its backtest.

    If `form` is omitted, it is built from the guard, unless that has mistakes: no field could hold them.
    """
    if form is None and not written.mistakes:
        form = _form_of(written.guard)
    # Failed examples are easier to understand beside the guard's other findings.
    are_of_examples = all(
        mistake.field.startswith("/examples/") and mistake.field.count("/") > 2
        for mistake in written.mistakes
    )
    steps = None
    if are_of_examples:
        steps = backtest_in_steps(current_actor(), [written.guard], text_languages())
        variables |= {
            "is_tested": True,
            "samples": _samples(written.guard),
            "severity": written.guard.severity.value,
        }
    if written.mistakes:
        status = 422
    else:
        variables |= {"rules": rules_of(written.guard), **_lessons()}
        variables |= {"as_file": written.as_file(), "as_lesson": written.as_lesson()}
    page = _page(text, form, **variables)
    return (page, status) if steps is None else backtest_answer(page, steps, status=status)


def _samples(guard: Guard) -> dict[str, list[Sample]]:
    """Return the tested examples of a guard, by kind."""
    tried = try_examples(current_actor(), guard, text_languages())
    return {
        kind: [
            Sample(
                draft,
                draft_facts(draft_data(draft)),
                found_parts(draft.text, findings),
                bool(findings) == (kind == "bad"),
            )
            for draft, findings in pairs
        ]
        for kind, pairs in tried.items()
    }


def _lesson() -> int | None:
    """Return the lesson that the guard is for or belongs to, if the URL or the form names one."""
    changed = _changed() or ""
    if changed.startswith(LESSON_PREFIX) and (number := changed.removeprefix(LESSON_PREFIX)).isascii():
        return int(number) if number.isdigit() else None
    return request.values.get("lesson", type=int)


def _context() -> Mapping[str, Any] | None:
    """Return the text and the incident of the lesson that the guard is for, if there is one to be seen."""
    number = _lesson()
    key = f"{LESSON_PREFIX}{number or 0}"
    return lesson_contexts(current_actor(), [key], text_languages()).get(key)


def _lessons() -> dict[str, Any]:
    """Return the lessons that the guard may be attached to, grouped by incident title, as variables.

    They are those that the form searches for, if it does.
    """
    if not has_role_for(current_actor(), Action.EDIT):
        return {"lessons": [], "are_all_lessons": True}
    text = request.form.get("lesson_text", "")
    found = list_lesson_choices(current_actor(), text_languages(), first=_lesson(), text=text)
    grouped = groupby(found.lessons, attrgetter("incident_id", "incident_title"))
    return {
        "lessons": [(title, [*lessons]) for (_incident, title), lessons in grouped],
        "are_all_lessons": found.are_all,
        "lesson_text": text,
    }


def _drafted(type_: str) -> str | None:
    """Return the suggested guard of a type for the incident in the URL, if any. Raises NotFound and
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
    """Return the field values of a guard; None if the fields cannot represent all of it."""
    data = to_data(guard)
    return _form(guard.key, data) if fits(guard.type, data) else None


def _form(
    key: str,
    data: Mapping[str, Any],
    errors: Mapping[str, str] | None = None,
    example_errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the template variables of the fields."""
    type_ = GuardType(data["type"])
    zone = request.form.get(ZONE) or zone_of(data["examples"]) or current_actor().time_zone
    return {
        "key": key,
        "data": data,
        "errors": errors or {},
        "example_errors": example_errors or {},
        "fields": FIELDS[type_],
        "placeholders": {} if _changed() else sample_texts(type_),
        "severities": {each: SEVERITIES[each] for each in severities_of(type_)},
        "filled_in": {name: FILLED_IN_WORDS[name] for name in ("text", *FILLED_IN.get(type_, ()))},
        "languages": sorted(LANGUAGES, key=lambda language: language != interface_language()),
        "countries": ", ".join(map(country_name, data["countries"])),
        "platforms": platform_names(),
        "facts": facts_of(type_, data["examples"]),
        "zone": zone,
        "zones": zone_choices(zone),
        "rows": {kind: example_rows(kind, data["examples"][kind], zone) for kind in ("bad", "good")},
    }


def _page(text: str, form: Mapping[str, Any] | None, **variables: Any) -> str:
    return render_template(
        "guard_new.html",
        text=text,
        form=form,
        fact_labels=FACTS,
        language_names=LANGUAGES,
        types=TYPES,
        lesson=_lesson(),
        context=_context(),
        changes=_changed(),
        offer=offer_in_request(),
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
