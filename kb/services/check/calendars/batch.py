"""Check a content calendar: each post by itself, and against the others."""

from __future__ import annotations

from collections import Counter
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.guard import Verdict
from kb.domain.permissions import Action
from kb.errors import InvalidInput
from kb.guards.analysis import AnalyzedDraft
from kb.search.engine import PrecedentQuery
from kb.services.check.calendars.channels import with_known_terms
from kb.services.check.calendars.clashes import SEVERITIES, clash_message, compared_post, find_clashes
from kb.services.check.calendars.rows import invalid_row, row_notes
from kb.services.check.checking import examine_draft
from kb.services.check.draft_input import read_request
from kb.services.check.moment import Moment
from kb.services.check.notices import notice
from kb.services.check.precedents import find_precedents
from kb.services.core.authorization import require
from kb.services.infrastructure.runtime import concepts
from kb.services.search.hit_content import summary_for
from kb.services.search.index_status import record_now
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from kb.domain.check import CheckRequest
    from kb.domain.permissions import Actor
    from kb.errors import FieldError
    from kb.services.check.calendars.clashes import Clash, ComparedPost
    from kb.services.check.calendars.rows import CalendarRow
    from kb.services.check.checking import ExaminedDraft


MAX_KEPT_CHARACTERS = 300_000
"""How much text, about 1,000 posts, stays analyzed between the comparison of posts and their checks. The rest
is analyzed twice, since an analysis takes some 70 bytes a character."""

ROWS_OF_A_MOMENT = 20
"""How many rows share one moment, some 80 ms: a change meanwhile counts from the next rows on."""

_NOTHING = PrecedentQuery(words=(), concepts={}, observances=())
"""A query that matches no incident, to find out whether the index is available."""


class Progress(Enum):
    """A placeholder in a stream of results, sent while the next one is not ready."""

    STEP = auto()


class _Post(NamedTuple):
    """A row with its check, None if the row has errors. `notes` say what was left out."""

    row: CalendarRow
    request: CheckRequest | None
    errors: tuple[FieldError, ...] = ()
    notes: tuple[FieldError, ...] = ()


class _ComparedRows(NamedTuple):
    """The posts of a calendar, with the analyses of the first valid ones, up to MAX_KEPT_CHARACTERS, and the
    clashes, with the numbers of the other rows; both by row key."""

    posts: list[_Post]
    kept: dict[str, AnalyzedDraft]
    clashes: Mapping[str, Sequence[Clash]]


def check_calendar(
    actor: Actor,
    rows: Sequence[CalendarRow],
    languages: Sequence[str],
    *,
    today: date,
    clashes: Mapping[str, Sequence[Clash]] | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield the result of each row, in order, then the totals.

    `clashes` are the clashes of the rows, by key, if they are known from an earlier comparison. The result of
    an invalid row is its errors; the other rows are still checked. Nothing is stored. Errors that refuse all
    rows are raised before this returns: Forbidden, and Unavailable while the index is being rebuilt.
    """
    steps = check_calendar_in_steps(actor, rows, languages, today=today, clashes=clashes)
    return (result for result in steps if not isinstance(result, Progress))


def check_calendar_in_steps(
    actor: Actor,
    rows: Sequence[CalendarRow],
    languages: Sequence[str],
    *,
    today: date,
    clashes: Mapping[str, Sequence[Clash]] | None = None,
) -> Iterator[dict[str, Any] | Progress]:
    """Yield the results of `check_calendar`, preceded by `Progress.STEP` for each row that is read and
    analyzed, and once after the comparison.

    With the steps, a stream of thousands of rows stays alive: comparing them takes seconds.
    """
    require(actor, Action.READ)
    record_now(actor)
    if rows:
        find_precedents(actor, _NOTHING)
    return _results(actor, rows, languages, today, clashes)


def _results(
    actor: Actor,
    rows: Sequence[CalendarRow],
    languages: Sequence[str],
    today: date,
    known_clashes: Mapping[str, Sequence[Clash]] | None,
) -> Iterator[dict[str, Any] | Progress]:
    if known_clashes is None:
        posts, kept, clashes = yield from _read_and_compare(rows)
    else:
        terms = TermLookup(attached=False)
        posts, kept, clashes = [_post(row, terms) for row in rows], {}, known_clashes
    counts: Counter[str] = Counter()
    last: ExaminedDraft | None = None
    for index, post in enumerate(posts):
        if index % ROWS_OF_A_MOMENT == 0:
            moment = Moment(actor)
        if post.request is None:
            counts["invalid"] += 1
            yield invalid_row(post.row, post.errors)
            continue
        analyzed = kept.pop(post.row.key, None)
        last = examine_draft(actor, post.request, languages, today=today, analyzed=analyzed, moment=moment)
        counts[last.verdict] += 1
        yield _checked(post, last, clashes.get(post.row.key, ()), languages)
    yield {
        "totals": {
            "rows": len(posts),
            **{verdict.value: counts[verdict] for verdict in Verdict},
            "invalid": counts["invalid"],
            "clashing": sum(row.key in clashes for row in rows),
        },
        "ruleset": None if last is None else last.ruleset,
        "position": None if last is None else last.position,
        "notice": notice(languages),
    }


def _read_and_compare(rows: Iterable[CalendarRow]) -> Generator[Progress, None, _ComparedRows]:
    """Read and compare the posts of rows. Yields a step after each row, and after the comparison."""
    terms, table, free = TermLookup(attached=False), concepts(), MAX_KEPT_CHARACTERS
    posts: list[_Post] = []
    kept: dict[str, AnalyzedDraft] = {}
    compared: list[ComparedPost] = []
    for index, row in enumerate(rows):
        post = _post(row, terms)
        posts.append(post)
        if post.request is not None:
            draft = AnalyzedDraft(post.request.draft, table)
            free -= len(post.request.draft.text)
            if free >= 0:
                kept[row.key] = draft
            compared.append(compared_post(index, draft, row.has_time))
        yield Progress.STEP
    found = find_clashes(compared)
    yield Progress.STEP
    clashes = {
        posts[index].row.key: others
        for index, clashes in found.items()
        if (others := tuple(_with_other_rows(clashes, posts[index], posts)))
    }
    return _ComparedRows(posts, kept, clashes)


def _with_other_rows(clashes: Iterable[Clash], post: _Post, posts: Sequence[_Post]) -> Iterator[Clash]:
    """Yield clashes with the numbers of the other rows. Texts of one row for one platform are the same post,
    in two languages or in parts.
    """
    for clash in clashes:
        others = [posts[index] for index in clash.rows]
        rows = {other.row.number for other in others if not _is_same_post(other, post)}
        if rows:
            yield clash._replace(rows=tuple(sorted(rows)))


def _is_same_post(one: _Post, other: _Post) -> bool:
    if one.row.number != other.row.number or one.request is None or other.request is None:
        return False
    return one.request.draft.platform == other.request.draft.platform


def _post(row: CalendarRow, terms: TermLookup) -> _Post:
    if row.errors:
        return _Post(row, None)
    data, notes = with_known_terms(row.data, terms) if isinstance(row.data, dict) else (row.data, ())
    try:
        return _Post(row, read_request(data, terms), notes=(*row.notes, *notes))
    except InvalidInput as error:
        return _Post(row, None, error.errors)


def _checked(
    post: _Post, examined: ExaminedDraft, clashes: Sequence[Clash], languages: Sequence[str]
) -> dict[str, Any]:
    draft = examined.draft.draft
    return {
        "row": post.row.number,
        "column": post.row.column,
        "platform": draft.platform,
        "scheduled_at": draft.scheduled_at.isoformat() if draft.scheduled_at is not None else None,
        "verdict": examined.verdict,
        "findings": examined.findings,
        "suppressed": examined.suppressed,
        "precedents": [
            {
                "incident": hit.id,
                "title": summary_for(hit.content, examined.languages)["title"],
                "strength": strength,
            }
            for hit, strength in examined.precedents
        ],
        "clashes": [
            {
                "kind": clash.kind,
                "severity": SEVERITIES[clash.kind],
                "rows": list(clash.rows),
                "message": clash_message(clash, languages),
            }
            for clash in clashes
        ],
        "notes": row_notes(post.notes),
        "error": None,
    }
