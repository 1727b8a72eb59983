"""The check that an incident's post had passed, and the guard that would have stopped it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.guard import Severity
from kb.errors import Forbidden, NotFound
from kb.pages.language import text_languages
from kb.pages.words.check_words import verdict_sentence
from kb.pages.words.guard_words import TYPES
from kb.services.check.guard_listing import guard_titles
from kb.services.check.guard_writing.suggestions import suggest_guards
from kb.services.check.receipts.store import get_check
from kb.web.current_actor import current_actor
from kb.web.finding_groups import standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kb.services.check.guard_texts import LocalText


class PassedCheck(NamedTuple):
    """The check that an incident's post had passed, or that had found something in it: `found`, by place.

    `guard_names` has the titles of the guards in `found`. `caught_by` has the findings of today's guards in
    the post, None if its text is not kept. `own_guard` tells whether a guard of the incident's own lessons
    finds something that they do not. `drafts` has the types of guards that could be written, by key, with
    their names. These three are for the incident's team: `is_of_team`.
    """

    receipt: Mapping[str, Any]
    sentence: str
    found: list[Mapping[str, Any]]
    guard_names: Mapping[str, LocalText]
    is_of_team: bool
    caught_by: list[Mapping[str, Any]] | None
    own_guard: bool
    drafts: Mapping[str, str]


def passed_check_of(incident: Mapping[str, Any]) -> PassedCheck | None:
    """Return the check that an incident names; None without one, or if the visitor may not see both."""
    actor, languages = current_actor(), text_languages()
    if incident.get("passed_check") is None:
        return None
    receipt = get_check(actor, incident["passed_check"], languages)
    sentence = verdict_sentence(receipt["verdict"], receipt["finding_counts"])
    had_found = [each for each in standing(receipt["findings"]) if each["severity"] != Severity.NOTE]
    names = guard_titles(actor, {each["guard"] for each in had_found}, languages)
    told = (receipt, sentence, _by_place(had_found), names)
    try:
        suggested = suggest_guards(actor, incident["id"], languages)
    except (Forbidden, NotFound):
        return PassedCheck(*told, False, None, False, {})
    types = [suggestion["guard"]["type"] for suggestion in suggested["suggestions"]]
    found = {finding["guard"] for finding in suggested["caught_by"] or ()}
    own = (guard["guard"] for guard in suggested["own_guards"] if guard["catches"])
    return PassedCheck(
        *told,
        True,
        None if suggested["caught_by"] is None else _by_place(suggested["caught_by"]),
        any(guard not in found for guard in own),
        {type_: str(TYPES[type_].name) for type_ in types},
    )


def _by_place(findings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the first finding of each place, which is the most severe, since findings are sorted."""
    first: dict[Any, Mapping[str, Any]] = {}
    for finding in findings:
        span = finding["span"]
        first.setdefault(finding["guard"] if span is None else (span["start"], span["end"]), finding)
    return [*first.values()]
