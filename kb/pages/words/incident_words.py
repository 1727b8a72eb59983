"""The vocabulary of an incident as people read it: one phrase for each value of an enumeration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.numbers import format_compact_decimal, format_decimal, get_currency_name

from kb.domain.guard import GuardType, Severity
from kb.domain.incident import Confidence, ImpactKind, Kind, Operation, SourceKind, Status, Visibility
from kb.pages.formats import number
from kb.pages.language import interface_language
from kb.pages.messages import _l, _n

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.pages.messages import LazyText

CONFIDENCES: Mapping[str, LazyText] = {
    Confidence.LOW: _l("Low: what led to it is a guess"),
    Confidence.MEDIUM: _l("Medium: what led to it is likely, not proven"),
    Confidence.HIGH: _l("High: what led to it is on record"),
}
"""The confidence in the cause, in words."""

STATUSES: Mapping[str, LazyText] = {
    Status.DRAFT: _l("This is a draft. Nobody has reviewed it yet, and only its team sees it."),
    Status.IN_REVIEW: _l("This is being reviewed. Only its team sees it until it is published."),
    Status.WITHDRAWN: _l("This was withdrawn. Only its team still sees it; nothing in it was deleted."),
}
"""The meaning of a status for a reader; a published incident needs no note."""

TEAM_ONLY = _l("This is published for its team only. Nobody else sees it.")

STATUS_NAMES: Mapping[str, LazyText] = {
    Status.DRAFT: _l("Draft"),
    Status.IN_REVIEW: _l("In review"),
    Status.PUBLISHED: _l("Published"),
    Status.WITHDRAWN: _l("Withdrawn"),
}


def status_count_text(count: int, status: str) -> str | None:
    """Format a number of incidents that all have one status: `12 drafts`. None for published ones, and for
    several statuses."""
    if status == Status.DRAFT:
        return _n("%(num)s draft", "%(num)s drafts", count)
    if status == Status.IN_REVIEW:
        return _n("%(num)s incident in review", "%(num)s incidents in review", count)
    if status == Status.WITHDRAWN:
        return _n("%(num)s withdrawn incident", "%(num)s withdrawn incidents", count)
    return None


KINDS: Mapping[str, LazyText] = {
    Kind.INCIDENT: _l("It happened"),
    Kind.NEAR_MISS: _l("A near miss"),
}

VISIBILITIES: Mapping[str, LazyText] = {
    Visibility.TEAM: _l("Its team only"),
    Visibility.ORGANIZATION: _l("Everybody"),
}

IMPACTS: Mapping[str, LazyText] = {
    ImpactKind.MARKET_VALUE: _l("Market value lost"),
    ImpactKind.REVENUE: _l("Revenue lost"),
    ImpactKind.JOBS: _l("Jobs"),
    ImpactKind.LEGAL: _l("Legal cost"),
    ImpactKind.REACH: _l("Reach"),
    ImpactKind.REPUTATION: _l("Reputation"),
    ImpactKind.OTHER: _l("Other cost"),
}
"""Kinds of cost as headings."""

COSTS: Mapping[str, LazyText] = {
    ImpactKind.MARKET_VALUE: _l("market value"),
    ImpactKind.REVENUE: _l("sales"),
    ImpactKind.JOBS: _l("jobs"),
    ImpactKind.LEGAL: _l("legal consequences"),
    ImpactKind.REACH: _l("unwanted attention"),
    ImpactKind.REPUTATION: _l("reputation"),
    ImpactKind.OTHER: _l("other costs"),
}
"""The same kinds of cost as parts of a sentence."""

SOURCES: Mapping[str, LazyText] = {
    SourceKind.NEWS: _l("news report"),
    SourceKind.OFFICIAL: _l("official statement"),
    SourceKind.SOCIAL: _l("social media"),
    SourceKind.INTERNAL: _l("internal document"),
}

OPERATIONS: Mapping[str, LazyText] = {
    Operation.CREATED: _l("Filed"),
    Operation.UPDATED: _l("Changed"),
    Operation.RESTORED: _l("An earlier version restored"),
    Operation.SUBMITTED: _l("Sent for review"),
    Operation.RETURNED: _l("Changes asked for"),
    Operation.RETRACTED: _l("Taken back from review"),
    Operation.PUBLISHED: _l("Published"),
    Operation.REVISED: _l("A proposed change published"),
    Operation.WITHDRAWN: _l("Withdrawn"),
    Operation.REOPENED: _l("Opened again"),
    Operation.MERGED: _l("Merged with a duplicate"),
}
"""The operations of writes, for the history."""

GUARDS: Mapping[str, LazyText] = {
    GuardType.PLACEHOLDER: _l("Looks for text that is not finished, such as a placeholder."),
    GuardType.PHRASE: _l("Looks for certain phrases."),
    GuardType.PATTERN: _l("Looks for text of a certain form."),
    GuardType.THEMES: _l("Looks for subjects that do not go together."),
    GuardType.OPEN_INVITATION: _l("Looks for an invitation that anybody may answer in any way."),
    GuardType.DATE: _l("Looks at the day on which a draft is to go out."),
    GuardType.LINK: _l("Looks at the links of a draft."),
    GuardType.HASHTAG: _l("Looks at the hashtags of a draft."),
    GuardType.ACCOUNT: _l("Looks at the account from which a draft is to go out."),
    GuardType.APPROVAL: _l("Looks at who has signed a draft off."),
}
"""The effect of a guard, by its type."""

GUARD_EFFECTS: Mapping[str, LazyText] = {
    Severity.STOP: _l("It says: do not publish yet."),
    Severity.CAUTION: _l("It says: think it over first."),
    Severity.NOTE: _l("It leaves a note."),
}

_MILLION = 1_000_000


def amount(value: float, currency: str | None) -> str:
    """Format an amount of money or a count: `1.3 billion US dollars`, `20,350 euros`, `400`."""
    locale = interface_language()
    scale = 1_000 ** ((len(str(int(value))) - 1) // 3)
    if value >= _MILLION and value * 100 % scale == 0:  # otherwise the short form would be rounded
        text = format_compact_decimal(value, format_type="long", locale=locale, fraction_digits=2)
    else:
        text = number(value) if value == int(value) else format_decimal(value, "#,##0.00", locale)
    return text if currency is None else f"{text} {get_currency_name(currency, count=value, locale=locale)}"


def language_name(tag: str, *, own: bool = False) -> str:
    """Return the name of a language in the interface's language, or in its own; else the tag itself."""
    try:
        locale = Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return tag
    return locale.get_display_name(locale if own else interface_language()) or tag
