"""Check a draft: the findings of guards, the concepts it touches, and the incidents it resembles."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.guard import Verdict
from kb.domain.language import languages_for
from kb.domain.permissions import Action
from kb.guards.analysis import AnalyzedDraft
from kb.pauses import Pauses, no_pause
from kb.services.check.findings import present_findings
from kb.services.check.folding import content, is_of_lesson
from kb.services.check.moment import Moment
from kb.services.check.notices import draft_notes, notice
from kb.services.check.playbook import playbook
from kb.services.check.precedents import (
    clear_concepts,
    combined_concepts,
    find_precedents,
    gravest_first,
    implied_concepts,
    is_strong,
    precedent_query,
    present,
)
from kb.services.check.resemblances import reported_examples, resemblances
from kb.services.check.suppressions import is_active, present_suppressions
from kb.services.core.authorization import require
from kb.services.core.change_feed import committed_visible_seq
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from kb.domain.check import CheckRequest
    from kb.domain.permissions import Actor
    from kb.guards.ruleset import Finding
    from kb.services.search.visible_hits import VisibleHit


_SHORT_TEXT = 15_000
"""A draft of at most so many characters is checked in one go, in a fraction of what the longest takes."""

MAX_SPANS = 20
"""How many spans of one theme a check reports."""


class ExaminedDraft(NamedTuple):
    """The result of a check, before it is presented.

    `findings` and `suppressed` are in `languages`: the reader's, then the draft's. `precedents` are hits with
    their strength. By incident, `guards_by_incident` has the keys of the guards that found something, and
    `examples` the example draft that resembles the draft. `implied` has the concepts implied by the findings.
    """

    draft: AnalyzedDraft
    languages: Sequence[str]
    verdict: Verdict
    findings: list[dict[str, Any]]
    suppressed: list[dict[str, Any]]
    implied: Mapping[str, float]
    precedents: Sequence[tuple[VisibleHit, str]]
    guards_by_incident: Mapping[int, Sequence[str]]
    examples: Mapping[int, str]
    ruleset: str
    position: int


def check_draft(
    actor: Actor,
    request: CheckRequest,
    languages: Sequence[str],
    *,
    today: date,
    now: datetime | None = None,
) -> dict[str, Any]:
    """The result of a check, as `CheckResultSchema` describes it, with texts in the reader's languages.

    Pass `now` for a new draft, whose author is warned if its time has passed, but not for a rerun. Nothing is
    stored. Only guards affect the verdict. Raises Unavailable while the index is being rebuilt.
    """
    examined = examine_draft(actor, request, languages, today=today)
    draft, languages = examined.draft, examined.languages
    return {
        "verdict": examined.verdict,
        "findings": examined.findings,
        "suppressed": examined.suppressed,
        "themes": _themes(draft, examined.implied, languages),
        "precedents": [
            present(
                hit,
                strength,
                draft,
                languages,
                implied=examined.implied,
                guards=examined.guards_by_incident.get(hit.id, ()),
                example=examined.examples.get(hit.id),
            )
            for hit, strength in examined.precedents
        ],
        "playbook": playbook(examined.precedents),
        "ruleset": examined.ruleset,
        "position": examined.position,
        "notes": [] if now is None else draft_notes(request.draft, languages, now),
        "notice": notice(languages),
    }


def examine_draft(
    actor: Actor,
    request: CheckRequest,
    languages: Sequence[str],
    *,
    today: date,
    analyzed: AnalyzedDraft | None = None,
    moment: Moment | None = None,
) -> ExaminedDraft:
    """Find what guards object to in a draft, and which incidents it resembles.

    `analyzed` is the draft of the request, if it is already analyzed; `moment` is shared by checks of the
    same actor. Others are served between the parts of a long check. Raises Unavailable while the index is
    being rebuilt.
    """
    require(actor, Action.READ)
    moment = moment or Moment(actor)
    ruleset, position = moment.ruleset, moment.position
    draft = analyzed
    if draft is None or draft.concept_table is not ruleset.concepts:
        draft = AnalyzedDraft(request.draft, ruleset.concepts)
    languages = languages_for(languages, request.draft.text)
    draft.pause = no_pause if len(request.draft.text) <= _SHORT_TEXT else Pauses(time.thread_time)
    found = ruleset.findings(draft)
    active = {suppression.guard for suppression in request.suppress if is_active(suppression, today)}
    findings = _without_suppressed(found, active)
    presented = present_findings(actor, findings, draft, languages, position)
    draft.pause()
    guards = _guards_by_incident(presented)
    implied = implied_concepts(findings, draft)
    resembled = resemblances(draft, ruleset, position)
    examples = reported_examples(resembled)
    outcome = find_precedents(actor, precedent_query(draft, implied, guards, resembled), known=moment.rows)
    precedents = _with_strengths(
        outcome.hits, draft, implied.keys() | combined_concepts(findings, draft), guards, examples
    )
    if not (request.weak or findings or _is_risky(draft)):
        precedents = [(hit, strength) for hit, strength in precedents if strength == "strong"]
    return ExaminedDraft(
        draft=draft,
        languages=languages,
        verdict=Verdict.of({finding.guard.severity for finding in findings}),
        findings=presented,
        suppressed=present_suppressions(request.suppress, found, draft, ruleset, languages, today=today),
        implied=implied,
        precedents=precedents,
        guards_by_incident=guards,
        examples=examples,
        ruleset=ruleset.hash,
        position=committed_visible_seq(actor, outcome.page.position),
    )


def _with_strengths(
    hits: Iterable[VisibleHit],
    draft: AnalyzedDraft,
    concepts: Collection[str],
    guarded: Collection[int],
    examples: Collection[int],
) -> list[tuple[VisibleHit, str]]:
    """The hits that share something with a draft, each with the strength of the match.

    `concepts` are the concepts of the draft's findings, `guarded` the incidents whose own guards found
    something, and `examples` the incidents whose example drafts it resembles.
    """
    return [
        (hit, "strong" if hit.id in guarded or is_strong(hit, draft, concepts, examples) else "weak")
        for hit in hits
        if hit.id in guarded or hit.id in examples or hit.shared_concepts or hit.shared_words
    ]


def _guards_by_incident(findings: Iterable[Mapping[str, Any]]) -> dict[int, list[str]]:
    """The keys of the guards that belong to an incident and found something, by the incident's id."""
    keys: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for finding in findings:
        if finding["incident"] is not None:
            keys[finding["incident"]["id"]][finding["guard"]] = None
    return {incident: [*guards] for incident, guards in keys.items()}


def _without_suppressed(findings: Sequence[Finding], active: Collection[str]) -> list[Finding]:
    """Remove the findings of suppressed guards.

    A guard in a file and a guard of a lesson may find the same at the same place. If one of them is
    suppressed, the other's finding is removed too.
    """
    suppressed = [finding for finding in findings if finding.guard.key in active]
    of_lessons = {content(each) for each in suppressed if is_of_lesson(each)}
    of_files = {
        content(each) for each in suppressed if not is_of_lesson(each) and each.match.span is not None
    }
    return [
        finding
        for finding in findings
        if finding.guard.key not in active
        and content(finding) not in (of_files if is_of_lesson(finding) else of_lessons)
    ]


def _is_risky(draft: AnalyzedDraft) -> bool:
    """Whether a draft clearly touches a sensitive subject."""
    concepts = draft.concept_table.concepts
    return any(concepts[key].risky for key in draft.once(clear_concepts))


def _themes(draft: AnalyzedDraft, implied: Collection[str], languages: Sequence[str]) -> list[dict[str, Any]]:
    """The concepts that a draft clearly touches, with their spans, and those implied by its findings."""
    concepts = draft.concept_table.concepts
    return [
        {
            "key": key,
            "label": label(concepts[key].labels, languages),
            "spans": [
                {"start": touch.span.start, "end": touch.span.end, "text": draft.text_at(touch.span)}
                for touch in draft.touched.get(key, ())[:MAX_SPANS]
            ],
        }
        for key in gravest_first(draft, draft.once(clear_concepts) | {*implied})
    ]
