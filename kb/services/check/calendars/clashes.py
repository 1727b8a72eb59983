"""Clashes: posts of one calendar that are harmless alone but not side by side."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import UTC, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.draft import DraftKind
from kb.domain.guard import Severity
from kb.domain.language import interface_language
from kb.domain.text import fold
from kb.domain.time_zones import local_times
from kb.messages import Message
from kb.translation import translated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from kb.domain.draft import Draft
    from kb.guards.analysis import AnalyzedDraft

SLOT = timedelta(minutes=15)
"""Two posts of one account within this time are in the same slot."""

NEARBY = timedelta(hours=2)
"""A sale and a commemoration within this time clash, also across midnight."""

REPETITION = timedelta(days=7)
"""The same text twice within this time may be a mistake."""

LIGHT = frozenset({"discount", "product", "joke", "celebration"})
GRAVE = frozenset({"memorial", "death", "disaster", "terrorism", "genocide"})
"""Concepts that do not go together on one day. A post that touches both is for guards to judge."""

SLOT_KINDS = frozenset({None, DraftKind.POST, DraftKind.REPOST, DraftKind.ARTICLE})
"""Kinds that take a slot: stories come in series, ads and mails run side by side."""

_MAX_OTHERS = 20
"""How many other rows a clash of one post names."""

_MAX_NEIGHBORS = 200
"""How many later posts each post is compared with."""


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

_MESSAGES = {
    ClashKind.SLOT: Message("Within 15 minutes of {rows} on the same channel. Move one of them."),
    ClashKind.TONE: Message(
        "A sale, a product or a joke stands beside a grave post on the same day: see {rows}. "
        "Move one of them."
    ),
    ClashKind.REPETITION: Message("The same text as in {rows}, on the same channel. Is that meant?"),
}
"""The message about each kind of clash; `{rows}` are the numbers of the other rows."""

_ROW, _ROWS = Message("row {numbers}"), Message("rows {numbers}")


class Clash(NamedTuple):
    """What a post clashes with: the numbers of the other rows, in order."""

    kind: ClashKind
    rows: tuple[int, ...]


class ComparedPost(NamedTuple):
    """The facts of a post that are needed to compare it with others."""

    row: int
    owner: tuple[str, str]
    brand: str
    at: datetime | None
    has_time: bool
    takes_slot: bool
    days: frozenset[date]
    tone: frozenset[str]
    text: bytes


_Others = dict[int, Sequence[int]]
"""By row, the rows that it clashes with: the first _MAX_OTHERS, in order."""

_Keys = Callable[[ComparedPost], Iterable[Hashable]]


def find_clashes(posts: Sequence[ComparedPost]) -> dict[int, tuple[Clash, ...]]:
    """Find the clashes of each row that has any; each clash is reported at both rows.

    A slot belongs to an account, or else an organization, on one platform. If rows name neither, the calendar
    is assumed to belong to one brand.
    """
    by_kind = {
        ClashKind.SLOT: _slots(posts),
        ClashKind.TONE: _tones(posts),
        ClashKind.REPETITION: _repetitions(posts),
    }
    clashes: defaultdict[int, tuple[Clash, ...]] = defaultdict(tuple)
    for kind, others in by_kind.items():
        for row, rows in others.items():
            clashes[row] += (Clash(kind, tuple(rows)),)
    return dict(clashes)


def compared_post(row: int, analyzed: AnalyzedDraft, has_time: bool) -> ComparedPost:
    """Prepare a post for comparison. `row` identifies it; `has_time` is False if only its day is known."""
    draft = analyzed.draft
    account = fold(draft.account or "").lstrip("@").strip()
    organization = fold(draft.organization or "").strip()
    return ComparedPost(
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
    """The light or the grave concepts that a post clearly touches; empty if it touches both kinds."""
    clear = {key for key in LIGHT | GRAVE if any(touch.clear for touch in draft.touched.get(key, ()))}
    return frozenset() if clear & LIGHT and clear & GRAVE else frozenset(clear)


def _slots(posts: Sequence[ComparedPost]) -> _Others:
    groups = _grouped((post.owner, post) for post in posts if post.takes_slot)
    return _merged(_neighbors(group, SLOT) for group in groups)


def _tones(posts: Sequence[ComparedPost]) -> _Others:
    """Lighthearted posts next to grave ones: within NEARBY if both times are known, or on the same day."""
    groups = _grouped((post.brand, post) for post in posts if post.tone)
    mixed = [group for group in groups if len({*map(_is_grave, group)}) == 2]
    return _merged(
        found
        for group in mixed
        for found in (
            _neighbors(
                group,
                NEARBY + timedelta.resolution,  # inclusive: a post exactly NEARBY away clashes, too
                lambda post: [_is_grave(post)] if post.has_time else [],
                lambda post: [not _is_grave(post)] if post.has_time else [],
            ),
            _neighbors(
                group,
                timedelta(days=2),
                lambda post: [(_is_grave(post), day) for day in post.days],
                lambda post: [(not _is_grave(post), day) for day in post.days],
            ),
        )
    )


def _is_grave(post: ComparedPost) -> bool:
    return bool(post.tone & GRAVE)


def _repetitions(posts: Sequence[ComparedPost]) -> _Others:
    groups = _grouped(((post.owner, post.text, post.at is None), post) for post in posts)
    return _merged(
        _next_ones(group) if group[0].at is None else _neighbors(group, REPETITION) for group in groups
    )


def _next_ones(group: Sequence[ComparedPost]) -> _Others:
    """The posts directly before and after each one."""
    rows = [post.row for post in group]
    around = zip([None, *rows], [*rows[1:], None], strict=False)
    return {
        row: sorted(other for other in others if other is not None)
        for row, others in zip(rows, around, strict=True)
    }


def _grouped(keyed: Iterable[tuple[object, ComparedPost]]) -> list[list[ComparedPost]]:
    """Group posts by key, leaving out groups of one."""
    groups: defaultdict[object, list[ComparedPost]] = defaultdict(list)
    for key, post in keyed:
        groups[key].append(post)
    return [group for group in groups.values() if len(group) > 1]


def _neighbors(
    group: Iterable[ComparedPost],
    span: timedelta,
    keys: _Keys = lambda _: (None,),
    sought: _Keys = lambda _: (None,),
) -> _Others:
    """Find the neighbors of scheduled posts less than a span away, among the _MAX_NEIGHBORS before and after
    each. A neighbor has one of its `keys` among those `sought` by the post.

    Takes linear time even if thousands of posts share one time: the rows in a sliding window are kept sorted.
    """
    dated = sorted((post.at, post.row, post) for post in group if post.at is not None)
    around: defaultdict[Hashable, list[int]] = defaultdict(list)
    others: _Others = {}
    first = end = 0
    for index, (at, row, post) in enumerate(dated):
        while end < len(dated) and end - index <= _MAX_NEIGHBORS and dated[end][0] - at < span:
            for key in keys(dated[end][2]):
                insort(around[key], dated[end][1])
            end += 1
        while index - first > _MAX_NEIGHBORS or at - dated[first][0] >= span:
            for key in keys(dated[first][2]):
                rows = around[key]
                del rows[bisect_left(rows, dated[first][1])]
            first += 1
        # One more than is reported, since the post itself may be among them.
        near = [around[key][: _MAX_OTHERS + 1] for key in sought(post) if key in around]
        near_rows = near[0] if len(near) == 1 else sorted(set().union(*near))
        if rows := [other for other in near_rows if other != row]:
            others[row] = rows[:_MAX_OTHERS]
    return others


def _merged(found: Iterable[_Others]) -> _Others:
    """Merge the results of several comparisons, by row."""
    merged: _Others = {}
    for others in found:
        for row, rows in others.items():
            merged[row] = sorted({*merged[row], *rows})[:_MAX_OTHERS] if row in merged else rows
    return merged


def clash_message(clash: Clash, languages: Sequence[str]) -> str:
    """Describe a clash in a sentence, in the reader's language."""
    language = interface_language(languages)
    rows = translated(_ROW if len(clash.rows) == 1 else _ROWS, language)
    numbers = ", ".join(map(str, clash.rows))
    return translated(_MESSAGES[clash.kind], language).format(rows=rows.format(numbers=numbers))
