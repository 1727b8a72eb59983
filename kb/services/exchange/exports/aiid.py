"""Incidents in the style of the AI Incident Database (AIID): incidents with their reports.

The fields follow its collections `incidents`, `reports` and `classifications`. docs/formats.md lists how they
map and what is left out. Fields without data stay empty.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from kb.domain.field_diff import partial_date
from kb.domain.taxonomy import CLASSIFICATIONS, SECONDARY_CATEGORIES
from kb.services.exchange.exports.selection import visible_details, with_float_amounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kb.domain.permissions import Actor
    from kb.models import Incident, Source

NAMESPACE = "brand-postmortems"
"""The taxonomy for values that have no field in AIID."""

_AUTOMATED = "automation-error"
"""The failure mode of bots and generated texts, the only one in which the organization deployed a system."""

_ATTRIBUTES = (
    "organization",
    "team",
    "kind",
    "status",
    "language",
    "occurred_precision",
    "severity",
    "confidence",
    "category",
    SECONDARY_CATEGORIES,
    *CLASSIFICATIONS,
    "industry",
    "tags",
    "why_failure",
    "cause",
    "outcome",
    "alternative",
    "responses",
    "impacts",
    "duplicate_of",
)
"""The fields in the classification of an incident, in order, followed by its lessons."""


def aiid_incidents(
    actor: Actor, pages: Iterable[Sequence[Incident]], languages: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield each incident that the actor may see in the form of AIID.

    It is in the first available of `languages`, else in the original language.
    """
    for incident, fields in visible_details(actor, pages, languages):
        yield _incident(incident, fields)


def _incident(incident: Incident, fields: dict[str, Any]) -> dict[str, Any]:
    deployer = {"Alleged deployer of AI system": [fields["organization"]]}
    return {
        "incident_id": fields["id"],
        "title": fields["title"],
        **({"description": fields["summary"]} if fields["summary"] else {}),
        "date": partial_date(fields) or "",
        "editor_notes": "",
        "epoch_date_modified": int(incident.updated_at.timestamp()),
        **(deployer if _AUTOMATED in fields["failure_modes"] else {}),
        "reports": [_report(source) for source in incident.sources if _address(source)],
        "classifications": [{"namespace": NAMESPACE, "attributes": [*_attributes(fields)]}],
    }


def _report(source: Source) -> dict[str, Any]:
    url = _address(source)
    published = source.published_on
    return {
        "report_number": source.id,
        "title": source.title,
        "url": url,
        "source_domain": (urlsplit(url).hostname or "").removeprefix("www."),
        "date_published": published.isoformat() if published else "",
        **({"epoch_date_published": _midnight(published)} if published else {}),
    }


def _address(source: Source) -> str:
    """The address of a source. AIID has no reports without one."""
    return source.url or source.archive_url or ""


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _attributes(fields: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the known attributes, each as a name and a JSON value, as AIID stores any taxonomy."""
    values = {
        **{name: fields[name] for name in _ATTRIBUTES},
        "impacts": with_float_amounts(fields["impacts"]),
        "lessons": [lesson["text"] for lesson in fields["lessons"]],
    }
    for name, value in values.items():
        if value not in (None, "", []):
            yield {"short_name": name, "value_json": orjson.dumps(value).decode()}
