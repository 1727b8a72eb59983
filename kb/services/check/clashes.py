"""Clashes: posts of one calendar that are each harmless, but not beside one another."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, timedelta
from enum import StrEnum
from hashlib import blake2b
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.draft import DraftKind
from kb.domain.guard import Severity
from kb.domain.text import fold
from kb.domain.time_zones import local_times

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from kb.domain.draft import Draft
    from kb.guards.analysis import AnalyzedDraft

SLOT = timedelta(minutes=15)
"""Two posts of one account within this time are in the same slot."""

NEARBY = timedelta(hours=2)
"""A sale and a commemoration within this time are beside each other, also across midnight."""

REPETITION = timedelta(days=7)
"""The same text twice within this time may be a mistake."""

LIGHT = frozenset({"discount", "product", "joke", "celebration"})
GRAVE = frozenset({"memorial", "death", "disaster", "terrorism", "genocide"})
"""Concepts that do not go together on one day. A post that touches both is for guards to judge."""

SLOT_KINDS = frozenset({None, DraftKind.POST, DraftKind.REPOST, DraftKind.ARTICLE})
"""Kinds that take a slot: stories come in series, ads and mails run side by side."""

_MAX_OTHERS = 20
"""How many other rows are named for one post."""

_MAX_NEIGHBORS = 200
"""How many later posts each is compared with."""


class ClashKind(StrEnum):
    """Why two posts clash."""

    SLOT = "slot"
    TONE = "tone"
    REPETITION = "repetition"


SEVERITIES: Mapping[ClashKind, Severity] = {
    ClashKind.SLOT: Severity.NOTE,
    ClashKind.TONE: Severity.CAUTION,
    ClashKind.REPETITION: Severity.NOTE,
}


class Clash(NamedTuple):
    """What a post clashes with: the numbers of the other rows, in order."""

    kind: ClashKind
    rows: tuple[int, ...]


class _Post(NamedTuple):
    """What is kept of a post to compare it with the others."""

    row: int
    owner: tuple[str, str]
    brand: str
    at: datetime | None
    has_time: bool
    takes_slot: bool
    days: frozenset[date]
    tone: frozenset[str]
    text: bytes


_Pairs = dict[int, set[int]]


def find_clashes(posts: Iterable[tuple[int, AnalyzedDraft, bool]]) -> dict[int, tuple[Clash, ...]]:
    """The clashes of each row that has any, said on both sides.

    `posts` are a number that tells the row apart, the draft, and whether its time is known, not just its day.
    A slot belongs to an account, or else an organization, on one platform. Without either, a calendar is that
    of one brand.
    """
    kept = [_post(row, draft, has_time) for row, draft, has_time in posts]
    by_kind = {
        ClashKind.SLOT: _slots(kept),
        ClashKind.TONE: _tones(kept),
        ClashKind.REPETITION: _repetitions(kept),
    }
    clashes: defaultdict[int, tuple[Clash, ...]] = defaultdict(tuple)
    for kind, pairs in by_kind.items():
        for row, others in pairs.items():
            clashes[row] += (Clash(kind, tuple(sorted(others))[:_MAX_OTHERS]),)
    return dict(clashes)


def _post(row: int, analyzed: AnalyzedDraft, has_time: bool) -> _Post:
    draft = analyzed.draft
    account = fold(draft.account or "").lstrip("@").strip()
    organization = fold(draft.organization or "").strip()
    return _Post(
        row=row,
        owner=(account or organization, draft.platform or ""),
        brand=organization or account,
        at=None if draft.scheduled_at is None else draft.scheduled_at.astimezone(UTC),
        has_time=has_time,
        takes_slot=has_time and draft.kind in SLOT_KINDS,
        days=_days(draft),
        tone=_tone(analyzed) if draft.scheduled_at else frozenset(),
        text=blake2b(" ".join(fold(draft.text).split()).encode("utf-8", "surrogatepass")).digest(),
    )


def _days(draft: Draft) -> frozenset[date]:
    """The days on which a post appears to its audience; without countries, in the zone it is scheduled in."""
    if draft.scheduled_at is None:
        return frozenset()
    times = [time for code in draft.audience_countries for time in local_times(draft.scheduled_at, code)]
    return frozenset(time.date() for time in times or [draft.scheduled_at])


def _tone(draft: AnalyzedDraft) -> frozenset[str]:
    """The light or the grave concepts that a post clearly touches; none if it touches both kinds."""
    clear = {key for key in LIGHT | GRAVE if any(touch.clear for touch in draft.touched.get(key, ()))}
    return frozenset() if clear & LIGHT and clear & GRAVE else frozenset(clear)


def _slots(posts: Sequence[_Post]) -> _Pairs:
    return _pairs(
        (one, other)
        for group in _grouped((post.owner, post) for post in posts if post.takes_slot)
        for one, other in _within(group, SLOT)
    )


def _tones(posts: Sequence[_Post]) -> _Pairs:
    toned = [post for post in posts if post.tone]
    return _pairs(
        (one, other)
        for group in _grouped((post.brand, post) for post in toned)
        if any(post.tone & GRAVE for post in group)
        for one, other in _within(group, timedelta(days=2))
        if bool(one.tone & GRAVE) != bool(other.tone & GRAVE) and _are_beside(one, other)
    )


def _are_beside(one: _Post, other: _Post) -> bool:
    assert one.at is not None
    assert other.at is not None
    near = one.has_time and other.has_time and abs(one.at - other.at) <= NEARBY
    return near or bool(one.days & other.days)


def _repetitions(posts: Sequence[_Post]) -> _Pairs:
    return _pairs(
        (one, other)
        for group in _grouped(((post.owner, post.text, post.at is None), post) for post in posts)
        for one, other in (pairwise(group) if group[0].at is None else _within(group, REPETITION))
    )


def _grouped(keyed: Iterable[tuple[object, _Post]]) -> list[list[_Post]]:
    """The posts of each key that has several."""
    groups: defaultdict[object, list[_Post]] = defaultdict(list)
    for key, post in keyed:
        groups[key].append(post)
    return [group for group in groups.values() if len(group) > 1]


def _within(group: Iterable[_Post], span: timedelta) -> Iterator[tuple[_Post, _Post]]:
    """Pairs of scheduled posts less than a span apart, the earlier one first."""
    dated = sorted((post.at, post.row, post) for post in group if post.at is not None)
    for place, (start, _, one) in enumerate(dated):
        for at, _, other in islice(dated, place + 1, place + 1 + _MAX_NEIGHBORS):
            if at - start >= span:
                break
            yield one, other


def _pairs(pairs: Iterable[tuple[_Post, _Post]]) -> _Pairs:
    rows: defaultdict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        rows[one.row].add(other.row)
        rows[other.row].add(one.row)
    return dict(rows)
