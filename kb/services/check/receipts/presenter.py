"""Receipts in JSON form, as a summary or in full, without anything that the reader may not see."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.dates import iso
from kb.domain.guard import LESSON_PREFIX, Severity
from kb.models import Incident, db
from kb.services.check.receipts.texts import with_current_texts
from kb.services.core.authorization import visible_to
from kb.services.core.guard_keys import HIDDEN_GUARD, shown_guards
from kb.services.core.incident_lookup import SUMMARY_OPTIONS
from kb.services.core.presenters import summary

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from kb.domain.permissions import Actor
    from kb.models import Check, CheckOverride

_SHOWN_FACTS = ("account", "kind", "language", "organization", "scheduled_at")
_EXCERPT_LENGTH = 120
_OTHER_FACTS = ("audience", "audience_countries", "industry", "approvers")


def check_summary(check: Check) -> dict[str, Any]:
    """Summarize a receipt, with the number of its findings by severity, without folded ones.

    `excerpt` is the beginning of its text, to recognize it in a list; None if the text was not kept.
    """
    counts = Counter(finding["severity"] for finding in check.findings if finding.get("folded_into") is None)
    return {
        "id": check.id,
        "created_at": iso(check.created_at),
        "author": check.author,
        "team": None if check.team is None else check.team.key,
        "verdict": check.verdict,
        "platform": check.platform,
        **{name: check.draft[name] for name in _SHOWN_FACTS},
        "finding_counts": {severity.value: counts[severity] for severity in Severity},
        "overridden": bool(check.overrides),
        "rerun_of": check.rerun_of_id,
        "excerpt": None if check.text is None else _excerpt(check.text),
    }


def check_detail(
    actor: Actor,
    check: Check,
    languages: Sequence[str],
    incidents: Mapping[int, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return a receipt in full, without incidents that the actor may not see and the texts of their guards.

    `incidents` has the `visible_summaries` of the incidents that it names, if already known.
    """
    if incidents is None:
        incidents = visible_summaries(actor, incident_ids(check), languages)
    named_by = select(Incident.id).where(Incident.passed_check_id == check.id, visible_to(actor))
    return {
        **check_summary(check),
        **{name: check.draft[name] for name in _OTHER_FACTS},
        "text_sha256": check.text_sha256,
        "text": None if check.text is None else printable(check.text),
        "link_sha256": check.link_sha256,
        "findings": present_findings(check, incidents),
        "themes": check.concepts,
        "precedents": present_precedents(check, incidents),
        "suppressed": _suppressed(actor, check),
        "overrides": [override_detail(override) for override in check.overrides],
        "incidents": sorted(db.session.scalars(named_by)),
        "ruleset": check.ruleset,
        "position": check.seq,
    }


def _excerpt(text: str) -> str:
    """The beginning of a text, on one line."""
    return " ".join(printable(text[: 2 * _EXCERPT_LENGTH]).split())[:_EXCERPT_LENGTH]


def incident_ids(check: Check) -> set[int]:
    """The ids of all incidents that a receipt names."""
    return {item["incident"] for item in (*check.findings, *check.precedents)} - {None}


def visible_summaries(
    actor: Actor, ids: Iterable[int | None], languages: Sequence[str]
) -> dict[int, dict[str, Any]]:
    """The summaries of the given incidents that the actor may see, by id."""
    statement = select(Incident).where(Incident.id.in_({*ids} - {None}), visible_to(actor))
    incidents = db.session.scalars(statement.options(*SUMMARY_OPTIONS))
    return {incident.id: summary(incident, languages) for incident in incidents}


def present_findings(check: Check, incidents: Mapping[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """The findings of a receipt, numbered from 1; texts that a lesson no longer has are left out."""
    items = with_current_texts(check.findings)
    return [_finding(check, number, item, incidents) for number, item in enumerate(items, 1)]


def is_hidden(finding: Mapping[str, Any], visible: Container[int]) -> bool:
    """Whether a finding of a receipt comes from a lesson of an incident that is not visible."""
    of_lesson = finding["incident"] is not None or finding["guard"].startswith(LESSON_PREFIX)
    return of_lesson and finding["incident"] not in visible


def present_precedents(check: Check, incidents: Mapping[int, dict[str, Any]]) -> list[dict[str, Any]]:
    """The precedents of a receipt that its reader may see."""
    return [
        # Older receipts have no `guards`.
        {**item, "incident": incidents[item["incident"]], "why": {"guards": [], **item["why"]}}
        for item in check.precedents
        if item["incident"] in incidents
    ]


def override_detail(override: CheckOverride) -> dict[str, Any]:
    """An override in JSON form."""
    return {
        "id": override.id,
        "check": override.check_id,
        "author": override.author,
        "reason": override.reason,
        "at": iso(override.at),
    }


def printable(text: str) -> str:
    """Make a text encodable: a lone surrogate becomes a question mark, so that offsets stay right."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _suppressed(actor: Actor, check: Check) -> list[dict[str, Any]]:
    shown = shown_guards(actor, [item["guard"] for item in check.suppressions])
    return [
        {
            **item,
            "guard": shown[item["guard"]],
            # Older receipts have no spans.
            "spans": [_span(check, span) for span in item.get("spans", ())],
        }
        for item in check.suppressions
    ]


def _span(check: Check, span: Mapping[str, int] | None) -> dict[str, Any] | None:
    """A span in a draft, with its text if the draft's text is kept."""
    if span is None:
        return None
    text = None if check.text is None else printable(check.text[span["start"] : span["end"]])
    return {**span, "text": text}


def _finding(
    check: Check, number: int, item: Mapping[str, Any], incidents: Mapping[int, dict[str, Any]]
) -> dict[str, Any]:
    hidden = is_hidden(item, incidents)
    return {
        "number": number,
        "guard": HIDDEN_GUARD if hidden else item["guard"],
        "severity": item["severity"],
        "message": None if hidden else item["message"],
        "suggestion": None if hidden else item["suggestion"],
        "span": _span(check, item["span"]),
        "lesson": None if hidden else item["lesson"],
        "incident": None if hidden else incidents.get(item["incident"]),
        # Older receipts lack this field.
        "folded_into": item.get("folded_into"),
    }
