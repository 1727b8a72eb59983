"""The examples of a guard as form fields: one per line, or each with the facts of its publication."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kb.domain.guard import MAX_EXAMPLES, GuardType
from kb.pages.checks.check_form import language_choices, local_time, moment_of
from kb.pages.countries import country_name
from kb.pages.guards.guard_subjects import industry_names, platform_names
from kb.pages.guards.typed_drafts import typed_draft
from kb.pages.messages import _l
from kb.pages.words.check_words import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from werkzeug.datastructures import MultiDict

    from kb.pages.messages import LazyText

ZONE = "examples-zone"
"""The name of the control for the time zone of all moments."""

FACTS: Mapping[str, LazyText] = {
    "scheduled_at": _l("Goes out on"),
    "audience_countries": _l("Audience countries"),
    "account": _l("Account"),
    "approvers": _l("Signed off by"),
    "platform": _l("Platform"),
    "organization": _l("Organization"),
    "industry": _l("Industry"),
    "kind": _l("What it becomes"),
    "audience": _l("Audience"),
    "language": _l("Language of the text"),
    "links": _l("Links that go out with it but do not stand in the text"),
}
"""The facts of an example besides its text, in the order of the form."""

_OF_TYPE: Mapping[GuardType, tuple[str, ...]] = {
    GuardType.DATE: ("scheduled_at", "audience_countries"),
    GuardType.ACCOUNT: ("scheduled_at", "account", "approvers"),
}
"""The facts besides the text that guards of a type use."""


class ExampleRow(NamedTuple):
    """An example as typed: the prefix of the names of its controls, and their values."""

    prefix: str
    values: Mapping[str, str]

    def options(self, fact: str) -> Iterable[tuple[str, object]] | None:
        """Return the values of a fact to choose from; None if it is typed."""
        if fact == "platform":
            return platform_names().items()
        if fact == "industry":
            return industry_names().items()
        if fact == "kind":
            return KINDS.items()
        return language_choices(self.values[fact]) if fact == "language" else None


def facts_of(type_: GuardType, examples: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str] | None:
    """Return the facts asked for besides each example's text; None if the examples are lines of one field."""
    drafts = [draft for kind in ("bad", "good") for draft in examples.get(kind, ())]
    known = {*_OF_TYPE.get(type_, ()), *(name for draft in drafts for name in draft)}
    facts = [name for name in FACTS if name in known]
    return facts if facts or not all(_is_line(draft["text"]) for draft in drafts) else None


def read_examples(form: MultiDict[str, str], kind: str) -> list[dict[str, Any]]:
    """Read the bad or the good examples of a form."""
    if f"{kind}-0-text" not in form:
        return [{"text": line.strip()} for line in form.get(kind, "").splitlines() if line.strip()]
    zone = form.get(ZONE, "")
    rows = (_read_row(form, f"{kind}-{number}", zone) for number in range(MAX_EXAMPLES + 1))
    return [row for row in rows if row["text"].strip()]


def zone_of(examples: Mapping[str, Sequence[Mapping[str, Any]]]) -> str | None:
    """Return the time zone of the first moment in the examples, as a form names it; None without moments."""
    drafts = [draft for kind in ("bad", "good") for draft in examples[kind]]
    with suppress(ValueError):
        return next(
            (local_time(draft["scheduled_at"])[1] for draft in drafts if "scheduled_at" in draft), None
        )
    return None


def example_rows(kind: str, drafts: Sequence[Mapping[str, Any]], zone: str) -> list[ExampleRow]:
    """Return the fields of examples, with moments in a time zone, followed by an empty example."""
    return [
        ExampleRow(f"{kind}-{number}", _typed(draft, zone))
        for number, draft in enumerate([*drafts, {"text": ""}])
    ]


def _read_row(form: MultiDict[str, str], prefix: str, zone: str) -> dict[str, Any]:
    typed = {name: form.get(f"{prefix}-{name}", "") for name in ("text", *FACTS)}
    moment = moment_of(typed.pop("scheduled_at"), zone)
    links = typed.pop("links").split()
    return {
        **typed_draft(typed, typed, "UTC"),
        **({"scheduled_at": moment} if moment else {}),
        **({"links": links} if links else {}),
    }


def _typed(draft: Mapping[str, Any], zone: str) -> dict[str, str]:
    return {
        **{name: draft.get(name) or "" for name in ("text", *FACTS)},
        "scheduled_at": _time_in(draft.get("scheduled_at"), zone),
        "audience_countries": ", ".join(map(country_name, draft.get("audience_countries", ()))),
        "approvers": ", ".join(draft.get("approvers", ())),
        "links": "\n".join(draft.get("links", ())),
    }


def _time_in(moment: str | None, zone: str) -> str:
    """Format a moment in a time zone, as it is typed; anything else is returned unchanged."""
    try:
        at = datetime.fromisoformat(moment or "")
        is_offset = zone.startswith(("+", "-"))
        clock = datetime.fromisoformat(f"2000-01-01T00:00{zone}").tzinfo if is_offset else ZoneInfo(zone)
        return at.astimezone(clock).strftime("%Y-%m-%dT%H:%M") if at.tzinfo else str(moment)
    except (ValueError, OverflowError, ZoneInfoNotFoundError, OSError):
        return moment or ""


def _is_line(text: str) -> bool:
    return text == text.strip() and len(text.splitlines()) < 2
