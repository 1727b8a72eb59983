"""The type `account`: an account that is not on the team's list, or a post at night without two approvers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from kb.guards.errors import GuardError
from kb.guards.matcher import Match
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.domain.draft import Draft
    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable

_APPROVERS_AT_NIGHT = 2
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_ZONES = frozenset(available_timezones())
_UNKNOWN_ACCOUNT = {"en": "the account is not on the list", "he": "החשבון אינו ברשימה"}
_QUIET_HOURS = {
    "en": "it goes out in quiet hours without two approvers",
    "he": "הפרסום בשעות השקט, בלי שני מאשרים",
}


class QuietHours(NamedTuple):
    """Hours in which a post needs two approvers: from the first to before the last, in a time zone."""

    start: time
    end: time
    zone: ZoneInfo

    def include(self, local: time) -> bool:
        """Whether a time of the day falls into them; they may go past midnight."""
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


@dataclass(frozen=True, slots=True)
class AccountMatcher:
    """Looks at the account, the time and the approvers of a draft, not at its text.

    `{account}`, `{time}` and `{reason}` fill the message. What a draft does not say is not held against it.
    """

    accounts: frozenset[str]
    quiet_hours: QuietHours | None

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """An unknown account, and an hour at which nobody else looked; both without a span."""
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

    - `accounts`: the handles of the team, with or without @.
    - `quiet_from`, `quiet_until`: the hours of the night, such as `22:00` and `06:00`.
    - `time_zone`: that of these hours, by its IANA name.
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
    if name not in _ZONES:
        message = Message("{name!r} is no time zone. Write its IANA name, such as Asia/Jerusalem.", name=name)
        raise GuardError(message, "/parameters/time_zone")
    return QuietHours(start, end, ZoneInfo(name))


def _time(parameters: Parameters, name: str) -> time | None:
    """A time of the day; None if it is not there. YAML reads one without quotes as a number."""
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
    """The names that approved a draft, each once, without spaces at the ends and case."""
    return {name for approver in draft.approvers if (name := _handle(approver))}
