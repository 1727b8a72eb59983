"""The guards of drafts: the list, each guard with its examples, and testing one on a draft."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from flask import render_template, request, url_for
from marshmallow import ValidationError

from kb.domain.guard import GuardType
from kb.domain.permissions import Action, has_role_for
from kb.guards.definition import draft_data, to_draft
from kb.pages.chips import Chip
from kb.pages.counted_link import CountedLink, counted_link
from kb.pages.form_errors import errors_by_field
from kb.pages.guards.backtest_answer import backtest_answer
from kb.pages.guards.guard_groups import grouped, in_order, sample_of
from kb.pages.guards.guard_rules import rules_of
from kb.pages.guards.guard_subjects import searched_text
from kb.pages.guards.typed_drafts import typed_draft
from kb.pages.language import is_in_interface_script, text_languages
from kb.pages.marked_text import found_parts
from kb.pages.messages import _l
from kb.pages.parameters import load_query, page_url, sent_parameters
from kb.pages.words.guard_words import ORIGINS, SEVERITIES, TYPES, as_yaml, draft_facts, local_text, title
from kb.schemas.drafts import DraftSchema
from kb.schemas.guards import GuardQuerySchema
from kb.services.check.guard_listing import get_guard, list_guards, try_bad_examples, try_guard
from kb.services.check.guard_writing.backtest import backtest_in_steps
from kb.services.check.guard_writing.offers import count_open_offers
from kb.services.check.lesson_context import lesson_contexts
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.domain.draft import Draft
    from kb.domain.guard import Guard
    from kb.pages.messages import LazyText
    from kb.services.check.guard_listing import ListedGuard

MAX_WHOLE = 40
"""The most guards listed with their lesson or an example; longer lists show titles only."""

_FACETS: Mapping[str, tuple[LazyText, Mapping[str, Any]]] = {
    "severity": (_l("What it asks for"), SEVERITIES),
    "origin": (_l("Where it is from"), ORIGINS),
    "type": (_l("What it looks at"), {key: words.name for key, words in TYPES.items()}),
}
"""The facets of guards: headings and the names of values, in the order of the page."""

_MOST_ALIKE = 2
"""How many examples illustrate a pattern."""

_OPENED_AT_FIRST = 10
"""The most guards of a first group that is shown open, as an example of what guards are."""

_DRAFT_FIELDS: Mapping[str, Sequence[str]] = {
    GuardType.DATE: ("scheduled_at", "audience_countries"),
    GuardType.ACCOUNT: ("account", "scheduled_at", "approvers"),
}
"""The facts besides the text that guards of some types use."""

_MESSAGES: Mapping[str, LazyText] = {
    "scheduled_at": _l("Write a day and a time, of a year from 1900 to 2199."),
    "audience_countries": _l("Write names or two-letter codes, separated by commas: Israel, US."),
}

_NO_TEXT = _l("Write or paste the text of a draft.")


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/guards", view_func=guards_page)
    blueprint.add_url_rule("/guards/<guard>", view_func=guard_page)
    blueprint.add_url_rule("/guards/<guard>", view_func=guard_try, methods=["POST"])
    blueprint.add_url_rule("/guards/<guard>/backtest", view_func=guard_backtest_page)


@with_permission_check
def guards_page() -> ResponseReturnValue:
    """List the guards that look at the visitor's drafts."""
    query = load_query(GuardQuerySchema())
    listed = list_guards(current_actor())
    contexts = lesson_contexts(current_actor(), [each.guard.key for each in listed], text_languages())
    found = in_order(each for each in listed if _matches(each, query, contexts))
    return render_template(
        "guards.html",
        text=query["q"],
        total=len(found),
        groups=[
            (group.heading, len(group.guards), _by_severity(group.guards, contexts))
            for group in grouped(found)
        ],
        is_whole=len(found) <= MAX_WHOLE,
        opened_at_first=_OPENED_AT_FIRST,
        facets=_facets(found, query),
        chips=_chips(query),
        offers=_offers(),
        **_rights(),
    )


@with_permission_check
def guard_page(guard: str) -> ResponseReturnValue:
    """Show a guard: what it looks for and why, and its examples."""
    return _guard_page(guard)


@with_permission_check
def guard_try(guard: str) -> ResponseReturnValue:
    """Check a draft against one guard. Nothing is stored."""
    listed = get_guard(current_actor(), guard)
    typed = typed_draft(request.form, ("text", *_draft_fields(listed.guard)), current_actor().time_zone)
    try:
        draft = to_draft(DraftSchema().load(typed))
    except ValidationError as error:
        is_empty = not typed["text"].strip()
        messages = {**_MESSAGES, "text": _NO_TEXT} if is_empty else _MESSAGES
        errors = errors_by_field(error, messages)
        return _guard_page(guard, errors=errors), 422
    findings = try_guard(current_actor(), guard, draft, text_languages())
    return _guard_page(guard, trial={"findings": findings, "parts": found_parts(draft.text, findings)})


@with_permission_check
def guard_backtest_page(guard: str) -> ResponseReturnValue:
    """Show what a guard would have found in the past, and its false alarms."""
    listed = get_guard(current_actor(), guard)
    contexts = lesson_contexts(current_actor(), [guard], text_languages())
    page = render_template("guard_backtest.html", guard=_row(listed, contexts))
    return backtest_answer(page, backtest_in_steps(current_actor(), [listed.guard], text_languages()))


def _guard_page(key: str, **variables: Any) -> str:
    listed = get_guard(current_actor(), key)
    guard = listed.guard
    contexts = lesson_contexts(current_actor(), [key], text_languages())
    bad = [*zip(guard.bad, try_bad_examples(current_actor(), key, text_languages()), strict=True)]
    bad.sort(key=lambda pair: is_in_interface_script(pair[0].text), reverse=True)
    good = sorted(guard.good, key=lambda draft: is_in_interface_script(draft.text), reverse=True)
    return render_template(
        "guard.html",
        guard=_row(listed, contexts),
        said=next((findings[0] for _draft, findings in bad if findings), None),
        suggestion=local_text(guard.suggestion),
        rules=rules_of(guard),
        alike=_alike([draft for draft, _findings in bad]) if guard.type is GuardType.PATTERN else [],
        parameters=as_yaml(dict(guard.parameters)) if guard.parameters else None,
        bad=[(draft, _facts(draft), found_parts(draft.text, findings)) for draft, findings in bad],
        good=[(draft, _facts(draft), found_parts(draft.text, ())) for draft in good],
        draft_fields=_draft_fields(guard),
        offers=_offers(guard.key),
        **_rights(),
        **variables,
    )


def _alike(bad: Sequence[Draft]) -> list[str]:
    """Return examples that illustrate a pattern, only those in the reader's script if there are any."""
    own = [draft.text for draft in bad if is_in_interface_script(draft.text)]
    return (own or [draft.text for draft in bad])[:_MOST_ALIKE]


def _facts(draft: Draft) -> list[str]:
    return draft_facts(draft_data(draft))


def _offers(guard: str | None = None) -> int:
    """Return how many offered examples wait for the visitor, for one guard or any."""
    actor = current_actor()
    return count_open_offers(actor, guard) if has_role_for(actor, Action.EDIT) else 0


def _rights() -> dict[str, bool]:
    actor = current_actor()
    return {
        "may_test": has_role_for(actor, Action.READ_CHECKS),
        "may_decide": has_role_for(actor, Action.EDIT),
    }


def _draft_fields(guard: Guard) -> Sequence[str]:
    return _DRAFT_FIELDS.get(guard.type, ())


def _row(listed: ListedGuard, contexts: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    guard = listed.guard
    context = contexts.get(guard.key, {"lesson": None, "incident": None})
    return {
        "key": guard.key,
        "url": url_for("pages.guard_page", guard=guard.key),
        "type": TYPES[guard.type],
        "severity": guard.severity.value,
        "severity_word": SEVERITIES[guard.severity],
        "origin": ORIGINS[listed.origin],
        "title": title(guard),
        "sample": sample_of(guard),
        **context,
    }


def _by_severity(
    guards: Sequence[ListedGuard], contexts: Mapping[str, dict[str, Any]]
) -> list[tuple[str, LazyText, list[dict[str, Any]]]]:
    """Group the sorted guards of a group by severity."""
    return [
        (severity.value, SEVERITIES[severity], [_row(each, contexts) for each in found])
        for severity, found in groupby(guards, lambda each: each.guard.severity)
    ]


def _matches(
    listed: ListedGuard, query: Mapping[str, Any], contexts: Mapping[str, Mapping[str, Any]]
) -> bool:
    if any(_value(listed, name) != query[name] for name in _FACETS if name in query):
        return False
    words = query["q"].casefold().split()
    if not words:
        return True
    text = searched_text(listed.guard, contexts.get(listed.guard.key))
    return all(word in text for word in words)


def _value(listed: ListedGuard, facet: str) -> str:
    return str(listed.origin if facet == "origin" else getattr(listed.guard, facet))


def _facets(found: Sequence[ListedGuard], query: Mapping[str, Any]) -> list[tuple[str, list[CountedLink]]]:
    """Return the facets with the values that narrow the list."""
    facets = []
    for name, (heading, names) in _FACETS.items():
        counts = Counter(_value(each, name) for each in found)
        if name in query or len(counts) < 2:
            continue
        most = max(counts.values())
        choices = [
            counted_link(str(names[key]), counts[key], _with(name, key), full=most)
            for key in names
            if counts[key]
        ]
        facets.append((str(heading), choices))
    return facets


def _chips(query: Mapping[str, Any]) -> list[Chip]:
    """Return the active filters, each with the URL without it."""
    return [
        Chip(str(names[query[name]]), _with(name, None))
        for name, (_, names) in _FACETS.items()
        if name in query
    ]


def _with(name: str, value: str | None) -> str:
    kept = [pair for pair in sent_parameters() if pair[0] != name]
    return page_url([*kept, (name, value)])
