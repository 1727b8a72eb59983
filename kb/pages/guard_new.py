"""Write a guard in the page, run its examples, and see what it would have found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flask import render_template, request

from kb.domain.guard import GuardType
from kb.guards.breadth import MAX_BREADTH
from kb.pages.guard_rules import rules_of
from kb.pages.guard_words import SEVERITIES, TYPES
from kb.pages.language import text_languages
from kb.services.check.backtest import backtest
from kb.services.check.guard_skeletons import guard_skeleton
from kb.services.check.guard_suggestions import suggest_guards
from kb.services.check.written_guards import GuardTextError, WrittenGuard, guard_text
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.services.check.written_guards import Mistake

_MAX_QUOTE = 120


class ShownMistake(NamedTuple):
    """A mistake with the line that it is in."""

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
    drafted = _drafted(type_)
    if drafted is not None:
        return _page(drafted)
    return _page(guard_skeleton(GuardType(type_)).strip() + "\n")


@with_permission_check
def guard_test() -> ResponseReturnValue:
    """Run the examples of a guard and its backtest. Nothing is stored."""
    text = request.form.get("guard", "").replace("\r\n", "\n")
    try:
        written = WrittenGuard(text)
    except GuardTextError as error:
        return _page(text, mistakes=_shown(text, error.mistakes)), 422
    # Examples that do not hold are better understood beside what else the guard finds.
    are_of_examples = all(mistake.field.startswith("/examples/") for mistake in written.mistakes)
    result = backtest(current_actor(), [written.guard], text_languages())[0] if are_of_examples else None
    if written.mistakes:
        return _page(text, mistakes=_shown(text, written.mistakes), result=result), 422
    rules = rules_of(written.guard)
    return _page(text, result=result, rules=rules, as_file=written.as_file(), as_lesson=written.as_lesson())


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


def _page(text: str, **variables: Any) -> str:
    return render_template(
        "guard_new.html",
        text=text,
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
