"""Guards that would have stopped an incident: existing ones that find something in its post, and drafts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kb.domain.guard import LESSON_PREFIX, GuardType, Severity, Verdict
from kb.domain.permissions import Action
from kb.guards.analysis import AnalyzedDraft
from kb.guards.definition import to_data, to_guard
from kb.search.concepts import incident_concepts
from kb.services.check.findings import present_findings
from kb.services.check.guard_writing.drafted_guards import (
    catches,
    compiled_or_none,
    draft_guards,
    good_example,
)
from kb.services.check.receipts.rows import draft_of
from kb.services.check.rulesets import current_ruleset
from kb.services.core.guard_keys import shown_guards
from kb.services.core.incident_lookup import find_in_team
from kb.services.incidents.content.passed_check import passed_check
from kb.services.infrastructure.runtime import concepts
from kb.services.search.hit_content import searched_texts, to_stored

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from kb.domain.draft import Draft
    from kb.domain.guard import Guard
    from kb.domain.permissions import Actor
    from kb.models import Check, Incident


def suggest_guards(actor: Actor, incident_id: int, languages: Sequence[str]) -> dict[str, Any]:
    """Return the guards that find something in the post of an incident, and drafts of guards that would.

    The post is the kept text of the check that the incident names. Without one, `caught_by` is None, and the
    drafts fit the incident's failure modes and themes, but are untested. `found_by_check` has the guards
    that found something in that check: no guard of their types is drafted, and none at all if they stopped
    the post. Only for the incident's team. Raises NotFound or Forbidden.
    """
    incident = find_in_team(actor, Action.READ_TEAM, incident_id)
    check = passed_check(actor, incident)
    draft = _kept_draft(check)
    post = None if draft is None else AnalyzedDraft(draft, concepts())
    in_use = _types_in_use(actor, check)
    return {
        "incident": incident.id,
        "check": None if check is None else check.id,
        "found_by_check": _found_by(actor, check),
        "caught_by": None if post is None else _caught_by(actor, post, languages),
        "own_guards": list(_own_guards(incident, post)),
        "suggestions": [
            _suggestion(guard, post) for guard in _fitting_guards(incident, post) if guard.type not in in_use
        ],
    }


def _kept_draft(check: Check | None) -> Draft | None:
    if check is None or check.text is None:
        return None
    return draft_of(check, check.text, tuple(check.draft["links"]))


def _caught_by(actor: Actor, post: AnalyzedDraft, languages: Sequence[str]) -> list[dict[str, Any]]:
    findings = current_ruleset(actor).findings(post)
    return present_findings(actor, findings, post, languages)


def _found_by(actor: Actor, check: Check | None) -> list[str]:
    """The guards that found something in a check, apart from notes and folded findings."""
    if check is None:
        return []
    keys = [
        finding["guard"]
        for finding in check.findings
        if finding["severity"] != Severity.NOTE and finding.get("folded_into") is None
    ]
    return list(dict.fromkeys(shown_guards(actor, keys)[key] for key in keys))


def _types_in_use(actor: Actor, check: Check | None) -> Collection[GuardType]:
    """The types that need no new guard: of the guards that found something in a check, or all if it stopped
    the post."""
    if check is not None and check.verdict is Verdict.STOP:
        return [*GuardType]
    found = _found_by(actor, check)
    return {each.guard.type for each in current_ruleset(actor).guards if each.guard.key in found}


def _own_guards(incident: Incident, post: AnalyzedDraft | None) -> Iterator[dict[str, Any]]:
    """The guards of the incident's own lessons, which checks do not use until it is published."""
    for lesson in incident.lessons:
        if lesson.guard is not None:
            guard = to_guard(f"{LESSON_PREFIX}{lesson.id}", lesson.guard)
            compiled = compiled_or_none(guard, concepts())
            found = None if compiled is None or post is None else catches(compiled, post)
            yield {"guard": guard.key, "catches": found}


def _fitting_guards(incident: Incident, post: AnalyzedDraft | None) -> Iterator[Guard]:
    """Yield drafts of guards that find something in the post, with it and a harmless one as examples."""
    table = concepts()
    for guard in draft_guards(incident.terms("failure_mode"), _concepts_of(incident, post), table):
        compiled = compiled_or_none(guard, table)
        if compiled is None or (post is not None and not catches(compiled, post)):
            continue
        language = incident.language if post is None else post.draft.language
        good = good_example(compiled, language, table)
        yield replace(
            guard,
            bad=() if post is None else (post.draft,),
            good=() if good is None else (good,),
        )


def _concepts_of(incident: Incident, post: AnalyzedDraft | None) -> list[str]:
    """The concepts that the post clearly touches, the incident's first; without a post, the incident's."""
    texts = searched_texts(to_stored(incident))
    terms = {namespace: incident.terms(namespace) for namespace in ("theme", "failure_mode")}
    of_incident = incident_concepts(concepts(), texts, terms)
    if post is None:
        return sorted(concepts().concepts_of_terms(terms["theme"], terms["failure_mode"])) or [*of_incident]
    clear = [key for key, touches in post.touched.items() if any(touch.clear for touch in touches)]
    return sorted(clear, key=lambda key: (key not in of_incident, -len(post.touched[key]), key))


def _suggestion(guard: Guard, post: AnalyzedDraft | None) -> dict[str, Any]:
    return {"guard": to_data(guard), "tried": post is not None}
