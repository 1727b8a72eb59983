"""Stream an export as bytes, in the requested format."""

from __future__ import annotations

import codecs
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from kb.domain.audit import AuditEvent
from kb.domain.export import Delimiter, ExportFormat, ExportTable
from kb.domain.incident import Status
from kb.domain.permissions import Action, Actor
from kb.models import db
from kb.services.core import audit, change_feed
from kb.services.core.authorization import require
from kb.services.core.brief_work import brief_work
from kb.services.core.replica import session_on_replica
from kb.services.exchange.exports.aiid import aiid_incidents
from kb.services.exchange.exports.archive import archive_chunks
from kb.services.exchange.exports.lines import export_lines, gone_lines
from kb.services.exchange.exports.markdown import export_documents
from kb.services.exchange.exports.rows import export_rows
from kb.services.exchange.exports.selection import Selection, count_incidents, gone_ids, incident_pages
from kb.services.exchange.exports.veris import FIRST_DAY, veris_incidents
from kb.services.infrastructure.csv_text import csv_lines
from kb.services.infrastructure.own_session import in_own_session
from kb.services.taxonomy.query_filters import incident_filter

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from kb.models import Incident
    from kb.services.exchange.exports.markdown import Document

    Progress = Callable[[int, int], object]


class ExportRequest(NamedTuple):
    """Which incidents to export, and how. The languages select texts, except in JSON Lines."""

    selection: Selection
    format: ExportFormat
    history: bool
    table: ExportTable
    columns: Sequence[str]
    raw: bool
    labels: bool
    bom: bool
    delimiter: Delimiter
    languages: Sequence[str]


def export_request(query: Mapping[str, Any], languages: Sequence[str]) -> ExportRequest:
    """Make a request from a query that `ExportQuerySchema` has loaded. No status means every status.

    Raises InvalidInput for unknown terms.
    """
    filters = incident_filter(query)
    if not query.get("status"):
        filters = replace(filters, statuses=tuple(Status))
    names = ("format", "history", "table", "columns", "raw", "labels", "bom", "delimiter")
    first_day = FIRST_DAY if query["format"] is ExportFormat.VERIS else None
    return ExportRequest(
        Selection(filters, query.get("since"), first_day),
        **{name: query[name] for name in names},
        languages=languages,
    )


class ExportStart(NamedTuple):
    """The number of incidents in an export, and the last change in it that the actor may learn of.

    `left_out` counts incidents that its format cannot represent.
    """

    incidents: int
    seq: int
    left_out: int


def begin_export(actor: Actor, request: ExportRequest, what: str) -> ExportStart:
    """Check that the actor may make an export, and record it in the audit log.

    Anonymous exports hold only public data and are not recorded. Raises NotAuthenticated, Forbidden, or
    Unavailable if it cannot be recorded.
    """
    require(actor, Action.MANAGE_SITE if request.history else Action.READ)
    # Read first: a change made meanwhile is then exported twice, now and after this `seq`, rather than never.
    until = change_feed.position().seq
    seq = change_feed.visible_seq(actor, until, db.session.connection())
    count = count_incidents(actor, request.selection)
    left_out = 0
    if request.selection.first_day is not None:
        left_out = count_incidents(actor, request.selection._replace(first_day=None)) - count
    if actor.token_id is not None or actor.sees_everything:
        with brief_work() as work:
            audit.log_event(work, actor, AuditEvent.EXPORT, what=what[:500], rows=count)
    return ExportStart(count, seq, left_out)


def export_chunks(
    actor: Actor,
    request: ExportRequest,
    url: Callable[[int], str],
    progress: Progress = lambda _done, _all: None,
) -> Iterator[bytes]:
    """Yield the bytes of an export, read in one transaction, page by page, from the replica if possible.

    `url` makes the addresses of incidents for CSV; `progress` is called with the number of incidents done and
    the total.
    """
    return in_own_session(_chunks(actor, request, url, progress))


def _chunks(
    actor: Actor, request: ExportRequest, url: Callable[[int], str], progress: Progress
) -> Generator[bytes]:
    with session_on_replica():
        pages = _counted(actor, request.selection, progress)
        if request.format is ExportFormat.JSONL:
            yield from export_lines(actor, pages, history=request.history)
            yield from gone_lines(gone_ids(actor, request.selection))
        elif request.format is ExportFormat.MARKDOWN:
            yield from archive_chunks(export_documents(actor, pages, request.languages))
        elif request.format is ExportFormat.AIID:
            yield from _array_chunks(aiid_incidents(actor, pages, request.languages))
        elif request.format is ExportFormat.VERIS:
            yield from _array_chunks(veris_incidents(actor, pages, request.languages))
        else:
            yield from _table_chunks(actor, request, pages, url)


def documents(actor: Actor, request: ExportRequest, progress: Progress) -> Iterator[Document]:
    """Yield the documents of an export in Markdown, one for each file."""
    with session_on_replica():
        yield from export_documents(actor, _counted(actor, request.selection, progress), request.languages)


def _array_chunks(items: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield a JSON array with one item per line."""
    before = b"[\n"
    for item in items:
        yield before + orjson.dumps(item)
        before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def _table_chunks(
    actor: Actor, request: ExportRequest, pages: Iterable[Sequence[Incident]], url: Callable[[int], str]
) -> Iterator[bytes]:
    rows = export_rows(actor, pages, request.table, request.languages, labels=request.labels)
    if request.table is ExportTable.INCIDENTS:
        rows = ({**row, "url": url(row["id"])} for row in rows)
    lines = csv_lines(rows, request.columns, raw=request.raw, delimiter=request.delimiter.character)
    return chain([codecs.BOM_UTF8] if request.bom else [], map(str.encode, lines))


def _counted(actor: Actor, selection: Selection, progress: Progress) -> Iterator[list[Incident]]:
    count, done = count_incidents(actor, selection), 0
    for page in incident_pages(actor, selection):
        yield page
        done += len(page)
        progress(done, count)
