"""Incidents in VERIS, the Vocabulary for Event Recording and Incident Sharing, version 1.4.1.

VERIS describes security incidents: who did what to which asset. docs/formats.md has a table of the mapping.
Facts that the knowledge base lacks are `Unknown` if VERIS requires an answer, and otherwise left out; fields
that VERIS lacks are in `plus`, its place for extensions.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kb.domain.field_diff import partial_date
from kb.domain.incident import Confidence, Kind, Status
from kb.services.exchange.exports.selection import visible_details, with_float_amounts
from kb.services.exchange.exports.veris_codes import (
    COMPROMISE,
    CURRENCIES,
    DISCLOSURE,
    ERROR_VECTORS,
    ERRORS,
    INDUSTRIES,
    INSIDERS,
    LOSSES,
    MISUSE,
    OUTSIDERS,
    PUBLIC_ADMINISTRATION,
    UNKNOWN_INDUSTRY,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.domain.permissions import Actor
    from kb.models import Incident

SCHEMA_VERSION = "1.4.1"

FIRST_DAY = date(1950, 1, 1)
"""VERIS requires a year, from this one on, so incidents without one are left out."""

_UNKNOWN = "Unknown"

_CONFIDENCE = {Confidence.LOW: "Low", Confidence.MEDIUM: "Medium", Confidence.HIGH: "High"}

_PLUS = {
    "author": "analyst",
    "created_at": "created",
    "updated_at": "modified",
    **{
        name: name
        for name in (
            "slug", "external_id", "visibility", "kind", "status", "language", "category",
            "secondary_categories", "failure_modes", "themes", "platforms", "industry", "tags", "severity",
            "severity_evidence", "audience", "why_failure", "outcome", "alternative", "posted_at",
            "acknowledged_at", "removed_at", "sources", "responses", "duplicate_of",
        )
    },
}  # fmt: skip
"""Fields that VERIS lacks, or has only in part, each with its name in `plus`; the first three have the names
of the VERIS Community Database."""


def veris_incidents(
    actor: Actor, pages: Iterable[Sequence[Incident]], languages: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield each incident that the actor may see in VERIS. Each must have a date, not before FIRST_DAY.

    It is in the first available of `languages`, else in the original language.
    """
    for _, fields in visible_details(actor, pages, languages):
        yield _incident({**fields, "impacts": with_float_amounts(fields["impacts"])})


def _incident(fields: dict[str, Any]) -> dict[str, Any]:
    parts = map(int, (partial_date(fields) or "").split("-"))
    optional = {
        "reference": "; ".join(source["url"] for source in fields["sources"] if source["url"]),
        "confidence": _CONFIDENCE.get(fields["confidence"]),
        "attribute": _attribute(fields),
        "impact": _impact(fields["impacts"]),
        "control_failure": fields["cause"],
        "corrective_action": "\n".join(lesson["text"] for lesson in fields["lessons"]),
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "incident_id": str(fields["id"]),
        "source_id": fields["team"],
        "security_incident": _security_incident(fields),
        "summary": "\n\n".join(filter(None, (fields["title"], fields["summary"]))),
        "timeline": {"incident": dict(zip(("year", "month", "day"), parts, strict=False))},
        "victim": _victim(fields),
        "actor": _actor(fields),
        "action": _action(fields["failure_modes"]),
        "asset": {"assets": [{"variety": _UNKNOWN}], "cloud": [_UNKNOWN]},
        "discovery_method": {"unknown": True},
        **{name: value for name, value in optional.items() if value},
        "plus": _plus_fields(fields),
    }


def _security_incident(fields: Mapping[str, Any]) -> str:
    """Whether it happened; an unreviewed or withdrawn incident is not confirmed."""
    if fields["kind"] == Kind.NEAR_MISS:
        return "Near miss"
    return "Confirmed" if fields["status"] == Status.PUBLISHED else "Suspected"


def _victim(fields: Mapping[str, Any]) -> dict[str, Any]:
    industry = INDUSTRIES.get(fields["industry"], UNKNOWN_INDUSTRY)
    level = "NA" if industry != UNKNOWN_INDUSTRY and industry[:2] != PUBLIC_ADMINISTRATION else _UNKNOWN
    return {
        "victim_id": fields["organization"],
        "industry": industry,
        "employee_count": _UNKNOWN,
        "country": [_UNKNOWN],
        "government": [level],
    }


def _actor(fields: Mapping[str, Any]) -> dict[str, Any]:
    terms = {fields["category"], *fields["secondary_categories"], *fields["failure_modes"]}
    unknown = {"variety": [_UNKNOWN], "motive": [_UNKNOWN]}
    known = {
        kind: unknown
        for kind, of_kind in (("external", OUTSIDERS), ("internal", INSIDERS))
        if terms & of_kind
    }
    return known or {"unknown": {}}


def _action(failure_modes: Sequence[str]) -> dict[str, Any]:
    unknown = {"variety": [_UNKNOWN], "vector": [_UNKNOWN]}
    actions: dict[str, Any] = {}
    if errors := _codes(failure_modes, ERRORS):
        actions["error"] = {"variety": errors, "vector": _codes(failure_modes, ERROR_VECTORS) or [_UNKNOWN]}
    if COMPROMISE in failure_modes:
        actions["hacking"] = unknown
    if MISUSE in failure_modes:
        actions["misuse"] = unknown
    return actions or {"unknown": {}}


def _codes(terms: Sequence[str], codes: Mapping[str, str]) -> list[str]:
    """The distinct codes of terms, in alphabetical order."""
    return sorted({codes[term] for term in terms if term in codes})


def _attribute(fields: Mapping[str, Any]) -> dict[str, Any] | None:
    return {"confidentiality": {"data_disclosure": "Yes"}} if DISCLOSURE in fields["failure_modes"] else None


def _impact(impacts: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Losses by kind, with amounts if all are in one currency; alleged amounts are left out."""
    if not impacts:
        return None
    currencies = {impact["currency"] for impact in impacts if _is_loss(impact)}
    currency = currencies.pop() if len(currencies) == 1 else None
    losses = []
    for impact in impacts:
        amount = {"amount": impact["amount"]} if currency in CURRENCIES and _is_loss(impact) else {}
        losses.append({"variety": LOSSES.get(impact["kind"], "Other"), **amount})
    code = {"iso_currency_code": currency} if currency in CURRENCIES else {}
    return {"overall_rating": _UNKNOWN, **code, "loss": losses}


def _is_loss(impact: Mapping[str, Any]) -> bool:
    """Whether an impact is a factual amount of money."""
    return impact["amount"] is not None and impact["currency"] is not None and not impact["alleged"]


def _plus_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    known = {_PLUS[name]: fields[name] for name in _PLUS if fields[name] not in (None, "", [])}
    return {**known, **({"impacts": fields["impacts"]} if fields["impacts"] else {})}
