"""Collections in words: their status, the effect of a change, and why some incidents stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.collection import KeptReason
from kb.pages.messages import _, _l
from kb.pages.words.trend_words import incidents_text
from kb.services.exchange.collections.shipped import shipped_incidents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.pages.messages import LazyText
    from kb.services.exchange.collections.report import CollectionReport

REASONS: Mapping[str, LazyText] = {
    KeptReason.EDITED: _l("people have edited it"),
    KeptReason.WITHDRAWN: _l("people have withdrawn it"),
    KeptReason.FILED_HERE: _l("it was filed here, and is not from the collection"),
    KeptReason.COMMENTS: _l("it has comments"),
    KeptReason.ACTIONS: _l("it has follow-up actions"),
    KeptReason.PROPOSALS: _l("it has proposed changes"),
    KeptReason.DUPLICATES: _l("a duplicate was merged into it"),
}
"""The reasons why an incident is left unchanged."""

_COUNTS: Mapping[str, LazyText] = {
    "added": _l("New incidents, published at once"),
    "updated": _l("Incidents with new words or facts"),
    "restored": _l("Incidents that come back"),
    "withdrawn": _l("Incidents that are withdrawn"),
    "unchanged": _l("Incidents that are up to date"),
    "kept": _l("Incidents that stay as people left them"),
}
"""The counts of a report, in the order of the page."""


class Standing(NamedTuple):
    """The status of a collection in words, and whether it can be updated to a newer version."""

    text: str
    is_in: bool
    has_update: bool


def standing(collection: Mapping[str, Any]) -> Standing:
    """Return the status of a collection in this knowledge base."""
    version, shipped = collection["version"], collection["shipped_version"]
    if version is None:
        is_out = collection["removed_at"] is not None
        return Standing(_("taken out") if is_out else _("not added yet"), is_in=False, has_update=False)
    if shipped is not None and shipped != version:
        return Standing(_("update to %(version)s available", version=shipped), is_in=True, has_update=True)
    return Standing(_("up to date") if shipped is not None else _("added"), is_in=True, has_update=False)


def size(collection: Mapping[str, Any]) -> str:
    """Say how many incidents of a collection are public or, before it is added, how many it has."""
    if collection["version"] is None and collection["shipped"]:
        return incidents_text(shipped_incidents(collection["key"]))
    return incidents_text(collection["incidents"])


def counts(report: CollectionReport) -> list[tuple[str, int]]:
    """Return the nonzero counts of a change, made or previewed, with their labels."""
    numbers = _numbers(report)
    return [(str(label), numbers[name]) for name, label in _COUNTS.items() if numbers[name]]


def done_sentence(report: CollectionReport) -> str:
    """Summarize a change in one line."""
    parts = [f"{label}: {number}" for label, number in counts(report)]
    return _("Done. %(counts)s.", counts="; ".join(parts)) if parts else _("Done. Nothing had to be changed.")


def _numbers(report: CollectionReport) -> dict[str, int]:
    return {**report.to_dict(), "kept": len(report.kept)}
