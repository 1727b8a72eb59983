"""Check the guards of lessons before they are stored: each is run on its own examples."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from kb.domain.guard import GuardType
from kb.errors import FieldError, InvalidInput
from kb.guards.breadth import check_breadth
from kb.guards.corpus import harmless_posts
from kb.guards.definition import expand_shorthand, to_data, to_guard
from kb.guards.errors import GuardError
from kb.guards.examples import failed_examples
from kb.guards.ruleset import compile_guard
from kb.guards.types import check_names
from kb.messages import Message, message_of
from kb.pauses import no_pause
from kb.services.infrastructure.runtime import concepts
from kb.services.taxonomy.lookup import TermLookup
from kb.services.taxonomy.named_terms import with_guard_term_keys

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from kb.guards.corpus import Posts
    from kb.pauses import Pause


class GuardTrials:
    """The data needed to try guards, loaded once for the guards of many incidents.

    `pause` is called before each guard and each of its examples.
    """

    def __init__(self, pause: Pause = no_pause) -> None:
        self.pause = pause

    @cached_property
    def posts(self) -> Posts:
        """The harmless posts, ready for guards to look at."""
        return harmless_posts(concepts())

    @cached_property
    def terms(self) -> TermLookup:
        """The names of the terms."""
        return TermLookup(attached=False)


def with_checked_guards(
    data: Mapping[str, Any],
    known: Container[object] = (),
    trials: GuardTrials | None = None,
) -> dict[str, Any]:
    """Check the guards of an incident's lessons, and return the input with guards in stored form.

    Call it outside a transaction, since each guard is tried on all its examples, unless it is a `known` one.
    Raises InvalidInput with the errors of `check_guard`.
    """
    lessons = data.get("lessons", ())
    if not any(lesson.get("guard") for lesson in lessons):
        return {**data}
    trials = trials or GuardTrials()
    terms = trials.terms
    terms.errors.clear()
    checked = [
        {**lesson, "guard": check_guard(lesson["guard"], f"/lessons/{position}/guard", terms, known, trials)}
        if lesson.get("guard")
        else lesson
        for position, lesson in enumerate(lessons)
    ]
    if terms.errors:
        raise InvalidInput([*terms.errors])
    return {**data, "lessons": checked}


def without_guards(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input of an incident without the guards of its lessons."""
    lessons = [
        {name: value for name, value in lesson.items() if name != "guard"}
        for lesson in data.get("lessons", ())
    ]
    return {**data, "lessons": lessons}


def with_full_guards(item: Any) -> Any:
    """Expand the shorthand of lessons' guards in an incident from a YAML file.

    Other forms are left to the schema.
    """
    if not isinstance(item, dict) or not isinstance(lessons := item.get("lessons"), list):
        return item
    expanded = [
        {**lesson, "guard": expand_shorthand(lesson["guard"])}
        if isinstance(lesson, dict) and "guard" in lesson
        else lesson
        for lesson in lessons
    ]
    return {**item, "lessons": expanded}


def check_guard(
    data: Mapping[str, Any],
    pointer: str,
    terms: TermLookup,
    known: Container[object] = (),
    trials: GuardTrials | None = None,
) -> dict[str, Any]:
    """Check the data of a guard, as `GuardInputSchema` loads them, and return them in stored form.

    Unless it is one of the `known` ones in this form, adds to `terms.errors`, below a pointer: terms that do
    not exist, parameters that its type does not take, a pattern that matches too many harmless posts, missing
    examples, and examples that do not hold.
    """
    trials = trials or GuardTrials()
    trials.pause()
    known_errors = len(terms.errors)
    guard = to_guard("lesson", with_guard_term_keys(data, terms, pointer))
    stored = to_data(guard)
    if stored in known:
        return stored
    for kind, drafts in (("bad", guard.bad), ("good", guard.good)):
        if not drafts and guard.type is not GuardType.APPROVAL:
            terms.errors.append(FieldError(f"{pointer}/examples/{kind}", _MISSING[kind]))
    try:
        check_names(guard)
        compiled = compile_guard(guard, concepts())
        if guard.type is GuardType.PATTERN:
            check_breadth(compiled, trials.posts)
    except GuardError as error:
        terms.errors.append(FieldError(f"{pointer}{error.pointer}", message_of(error)))
    if len(terms.errors) == known_errors:
        failures = failed_examples(compiled, concepts(), trials.pause)
        terms.errors += [FieldError(f"{pointer}{failed.pointer}", failed.message) for failed in failures]
    return stored


_MISSING = {
    "bad": Message("Add a draft that the guard must find, so that it is known to work."),
    "good": Message("Add a draft that the guard must let pass, so that it is known not to find too much."),
}
