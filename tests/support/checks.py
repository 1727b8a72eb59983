"""Results of checks, made of stored incidents, and their receipts, stored as the service stores them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kb.domain.check import CheckRequest, Suppression
from kb.domain.draft import Draft
from kb.domain.guard import Severity, Verdict
from kb.models import Incident, Lesson, db
from kb.services.accounts.authentication import anonymous, authenticate
from kb.services.check.receipts.store import record_check
from kb.services.core.presenters import detail, summary
from tests.support.api import Api

TEXT = "Black Friday **** Need copy and link****"
"""The post of incident 3."""


def request_of(text: str = TEXT, *, keep_text: bool = False, **facts: Any) -> CheckRequest:
    """A request to check a post."""
    suppress = tuple(Suppression(guard, "a joke of ours") for guard in facts.pop("suppress", ()))
    draft = Draft(text=text, **{"platform": "twitter", "account": "@Brand", **facts})
    return CheckRequest(draft=draft, keep_text=keep_text, suppress=suppress)


def result_of(
    request: CheckRequest,
    passages: Mapping[str, str | None],
    precedents: tuple[int, ...] = (),
    *,
    severity: Severity = Severity.STOP,
    concepts: tuple[str, ...] = ("placeholder",),
) -> dict[str, Any]:
    """The result of a check whose guards find these passages, with the precedents of these ids.

    The guard of a lesson finds what its lesson and incident say.
    """
    return {
        "verdict": Verdict.of({severity} if passages else set()),
        "findings": [
            _finding(request.draft.text, guard, passage, severity) for guard, passage in passages.items()
        ],
        "suppressed": [
            {
                "guard": item.guard,
                "reason": item.reason,
                "until": None,
                "active": True,
                "findings": 1,
                "spans": [None],
            }
            for item in request.suppress
        ],
        "themes": [{"key": key, "label": key, "spans": []} for key in concepts],
        "precedents": [_precedent(db.session.get_one(Incident, number)) for number in precedents],
        "playbook": {
            "incidents": len(precedents),
            "responses": [],
            "median_minutes": {"acknowledge": None, "remove": None},
        },
        "ruleset": "0" * 64,
        "position": 6,
        "notes": [],
        "notice": "No precedent does not mean safe.",
    }


def store_check(
    api: Api,
    passages: Mapping[str, str | None] | None = None,
    *,
    precedents: tuple[int, ...] = (3,),
    team: str | None = None,
    severity: Severity = Severity.STOP,
    **request: Any,
) -> int:
    """Store the receipt of a check by a caller, and return its id; 0 for a caller who is not signed in."""
    found: Mapping[str, str | None] = {"unfinished-text": "****"} if passages is None else passages
    with api.client.application.app_context():
        actor = anonymous() if api.token is None else authenticate(api.token)
        asked = request_of(**request)
        result = result_of(asked, found, precedents, severity=severity)
        answer = record_check(actor, asked, result, team)
        db.session.remove()
    return answer["id"] or 0


def _finding(text: str, guard: str, passage: str | None, severity: Severity) -> dict[str, Any]:
    span = None
    if passage is not None:
        start = text.index(passage)
        span = {"start": start, "end": start + len(passage), "text": passage}
    lesson, incident = None, None
    if guard.startswith("lesson:"):
        incident, lesson = _lesson(int(guard.removeprefix("lesson:")))
    return {
        "guard": guard,
        "severity": severity,
        "message": f"This is unfinished: {passage}",
        "suggestion": "Finish it.",
        "folded_into": None,
        "span": span,
        "lesson": lesson,
        "incident": incident,
    }


def _lesson(lesson_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    incident = db.session.get_one(Incident, db.session.get_one(Lesson, lesson_id).incident_id)
    (lesson,) = (each for each in detail(incident)["lessons"] if each["id"] == lesson_id)
    return summary(incident), {name: lesson[name] for name in ("id", "text", "language")}


def _precedent(incident: Incident) -> dict[str, Any]:
    whole = detail(incident)
    return {
        "incident": summary(incident),
        "strength": "strong",
        "score": 7.5,
        "why": {
            "words": ["link"],
            "themes": ["placeholder"],
            "failure_modes": [],
            "platform": "twitter",
            "guards": [],
        },
        "lessons": [
            {name: lesson[name] for name in ("id", "text", "language")} for lesson in whole["lessons"]
        ],
        "outcome": whole["outcome"],
        "cost": whole["impacts"],
    }
