"""The type `account`: an account not on the team's list, or a post in quiet hours without two approvers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.time_zones import find_time_zone, unknown_zone
from kb.guards.errors import GuardError
from kb.guards.matcher import Match
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from kb.domain.draft import Draft
    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable

_APPROVERS_AT_NIGHT = 2
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_UNKNOWN_ACCOUNT = {"en": "the account is not on the list", "he": "החשבון אינו ברשימה"}
_QUIET_HOURS = {
    "en": "it goes out in quiet hours without two approvers",
    "he": "הפרסום בשעות השקט, בלי שני מאשרים",
}


class QuietHours(NamedTuple):
    """Hours in which a post needs two approvers, in a time zone; the end is excluded."""

    start: time
    end: time
    zone: ZoneInfo

    def include(self, local: time) -> bool:
        """Whether a time of day is within the hours, which may span midnight."""
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


@dataclass(frozen=True, slots=True)
class AccountMatcher:
    """Checks the account, the time and the approvers of a draft, not its text.

    `{account}`, `{time}` and `{reason}` fill the message. Anything unknown about a draft is not a finding.
    """

    accounts: frozenset[str]
    quiet_hours: QuietHours | None

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """An account not on the list, and quiet hours without two approvers; neither has a span."""
        facts = draft.draft
        if self.accounts and facts.account and _handle(facts.account) not in self.accounts:
            yield Match(None, {"account": {"": facts.account}, "reason": _UNKNOWN_ACCOUNT})
        if self.quiet_hours is None or facts.scheduled_at is None:
            return
        local = facts.scheduled_at.astimezone(self.quiet_hours.zone)
        if self.quiet_hours.include(local.time()) and len(_approvers(facts)) < _APPROVERS_AT_NIGHT:
            yield Match(None, {"time": {"": f"{local:%H:%M}"}, "reason": _QUIET_HOURS})


def parse_account(parameters: Parameters, concepts: ConceptTable) -> AccountMatcher:  # noqa: ARG001
    """Read the parameters of a guard on accounts. Raises GuardError.

    - `accounts`: the team's handles, with or without @.
    - `quiet_from`, `quiet_until`: the quiet hours, such as `22:00` and `06:00`.
    - `time_zone`: the IANA name of their time zone.
    """
    accounts = parameters.texts("accounts")
    quiet_hours = _quiet_hours(parameters)
    if not accounts and quiet_hours is None:
        raise GuardError(
            Message("Write the team's accounts, or quiet hours, or both."), "/parameters/accounts"
        )
    return AccountMatcher(frozenset(map(_handle, accounts)), quiet_hours)


def _quiet_hours(parameters: Parameters) -> QuietHours | None:
    start, end = _time(parameters, "quiet_from"), _time(parameters, "quiet_until")
    name = parameters.text("time_zone")
    if start is None and end is None and not name:
        return None
    if start is None:
        raise GuardError(Message("Write when quiet hours begin, such as 22:00."), "/parameters/quiet_from")
    if end is None or end == start:
        raise GuardError(Message("Write when quiet hours end, such as 06:00."), "/parameters/quiet_until")
    zone = find_time_zone(name)
    if zone is None:
        raise GuardError(unknown_zone(name), "/parameters/time_zone")
    return QuietHours(start, end, zone)


def _time(parameters: Parameters, name: str) -> time | None:
    """Read a time of day; None if missing. An unquoted one is a number in YAML, and refused."""
    text = parameters.text(name)
    if not text:
        return None
    if not _TIME.fullmatch(text):
        raise GuardError(
            Message("{text!r} is no time. Write hours and minutes, such as 22:00.", text=text),
            f"/parameters/{name}",
        )
    return time.fromisoformat(text)


def _handle(account: str) -> str:
    return account.strip().lstrip("@").casefold()


def _approvers(draft: Draft) -> set[str]:
    """The distinct names of a draft's approvers, trimmed and case-folded."""
    return {name for approver in draft.approvers if (name := _handle(approver))}
