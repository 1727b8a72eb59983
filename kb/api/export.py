"""Endpoints for exports: streams of all incidents that match, whole or as tables or documents."""

from __future__ import annotations

import threading
from itertools import chain
from typing import TYPE_CHECKING, Any

from flask import Response, request, stream_with_context

from kb.api.check_batch import NDJSON
from kb.api.negotiation import CSV
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.domain.export import ExportFormat
from kb.errors import Unavailable
from kb.messages import Message
from kb.schemas.export import (
    AiidExportQuerySchema,
    CsvExportQuerySchema,
    ExportQuerySchema,
    MarkdownExportQuerySchema,
    VerisExportQuerySchema,
    ViewExportQuerySchema,
)
from kb.schemas.exported import ExportedIncidentSchema
from kb.schemas.foreign_exports import AiidIncidentSchema, VerisIncidentSchema
from kb.schemas.links import incident_url
from kb.services.exchange.exports.exporting import begin_export, export_chunks, export_request
from kb.services.exchange.exports.parquet import begin_view_export, view_archive
from kb.web.compression import compress_stream
from kb.web.current_actor import current_actor
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

ZIP = "application/zip"
JSON = "application/json"

blueprint = Blueprint("export", __name__, url_prefix=API_ROOT, description="Take everything along.")

_MIMETYPES = {
    ExportFormat.JSONL: NDJSON,
    ExportFormat.CSV: CSV.mimetype,
    ExportFormat.MARKDOWN: ZIP,
    ExportFormat.AIID: JSON,
    ExportFormat.VERIS: JSON,
}
_NAMES = {
    ExportFormat.JSONL: "incidents.jsonl",
    ExportFormat.MARKDOWN: "incidents.zip",
    ExportFormat.AIID: "incidents.aiid.json",
    ExportFormat.VERIS: "incidents.veris.json",
}
"""The file name of each format; a table has its own name."""

_CUT_OFF = {
    ExportFormat.JSONL: b'{"error":"This export is cut off. Repeat it."}\n',
    ExportFormat.CSV: b'"This export is cut off. Repeat it."\r\n',
}
"""The last line of an export that could not be finished. Truncated ZIP files and JSON arrays cannot be read
anyway."""

MAX_EXPORTS = 4
"""Maximum number of concurrent exports of a process. Each occupies a thread until it is finished."""

_slots = threading.BoundedSemaphore(MAX_EXPORTS)

_TEXT: dict[str, Any] = {"type": "string"}
_BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
_HEADERS = {
    "Change-Seq": {
        "schema": {"type": "integer"},
        "description": "The last change that is in it: send it as `since` next time.",
    }
}
_LEFT_OUT = {
    "Left-Out": {
        "schema": {"type": "integer"},
        "description": "How many incidents are left out, since they have no year or one before 1950.",
    }
}


@blueprint.route("/export", methods=["GET"])
@blueprint.arguments(ExportQuerySchema, location="query")
@blueprint.response(200, ExportedIncidentSchema, content_type=NDJSON, headers=_HEADERS)
def export_incidents(query: Mapping[str, Any]) -> Response:
    """Export incidents whole.

    A line of JSON for each, with everything that belongs to it. Contains all matching incidents that the
    caller may see, by ascending id, as of one moment; `kb import` can read them. The response is a stream.
    With `format`, it is the response of that format's path.
    """
    return _respond_with_views() if query["format"] is ExportFormat.PARQUET else _respond(query)


@blueprint.route("/export.csv", methods=["GET"])
@blueprint.arguments(CsvExportQuerySchema, location="query")
@blueprint.response(200, _TEXT, content_type=CSV.mimetype, headers=_HEADERS)
def export_incidents_csv(query: Mapping[str, Any]) -> Response:
    """Export a table. It has a row for each incident, or for each item of one of their lists."""
    return _respond(query)


@blueprint.route("/export.zip", methods=["GET"])
@blueprint.arguments(MarkdownExportQuerySchema, location="query")
@blueprint.response(200, _BYTES, content_type=ZIP, headers=_HEADERS)
def export_incidents_markdown(query: Mapping[str, Any]) -> Response:
    """Export documents. A ZIP file with a Markdown file for each incident, in a folder per team."""
    return _respond(query)


@blueprint.route("/export.aiid.json", methods=["GET"])
@blueprint.arguments(AiidExportQuerySchema, location="query")
@blueprint.response(200, AiidIncidentSchema(many=True), headers=_HEADERS)
def export_incidents_aiid(query: Mapping[str, Any]) -> Response:
    """Export incidents with the fields of the AI Incident Database. Fields are filled as far as their
    meanings agree.
    """
    return _respond(query)


@blueprint.route("/export.veris.json", methods=["GET"])
@blueprint.arguments(VerisExportQuerySchema, location="query")
@blueprint.response(200, VerisIncidentSchema(many=True), headers={**_HEADERS, **_LEFT_OUT})
def export_incidents_veris(query: Mapping[str, Any]) -> Response:
    """Export incidents in the community schema of VERIS. It requires a year, from 1950 on, so others are left
    out.
    """
    return _respond(query)


@blueprint.route("/export.parquet.zip", methods=["GET"])
@blueprint.arguments(ViewExportQuerySchema, location="query")
@blueprint.response(200, _BYTES, content_type=ZIP)
def export_views(query: Mapping[str, Any]) -> Response:  # noqa: ARG001 (it has been checked)
    """Export the views for reports. A ZIP file with one Parquet file per view. For site administrators."""
    return _respond_with_views()


def _respond(query: Mapping[str, Any]) -> Response:
    actor, export = current_actor(), export_request(query, reader_languages(query))
    base = request.host_url.rstrip("/")

    def begin() -> tuple[dict[str, str], Iterator[bytes]]:
        start = begin_export(actor, export, request.full_path)
        headers = {"Change-Seq": str(start.seq)}
        if export.format is ExportFormat.VERIS:
            headers["Left-Out"] = str(start.left_out)
        return headers, export_chunks(actor, export, lambda incident_id: base + incident_url(incident_id))

    name = _NAMES.get(export.format, f"{export.table}.csv")
    response = _streamed(begin, name, _MIMETYPES[export.format], _CUT_OFF.get(export.format, b""))
    return response if export.format is ExportFormat.MARKDOWN else compress_stream(response)


def _respond_with_views() -> Response:
    def begin() -> tuple[dict[str, str], Iterator[bytes]]:
        begin_view_export(current_actor(), request.full_path)
        return {}, view_archive()

    return _streamed(begin, "views.zip", ZIP)


def _streamed(
    begin: Callable[[], tuple[dict[str, str], Iterator[bytes]]], name: str, mimetype: str, mark: bytes = b""
) -> Response:
    """A response with the headers and the stream of `begin`, which holds a slot among the exports.

    `mark` ends a stream that is cut off.
    """
    slot = _Slot()
    try:
        headers, chunks = begin()
        # A failure at the beginning still becomes an error response.
        first = next(chunks, b"")
    except BaseException:
        slot.leave()
        raise
    stream = _with_cut_off_mark(chain([first], chunks), slot, mark)
    response = Response(stream_with_context(stream), mimetype=mimetype, headers=headers)
    response.call_on_close(slot.leave)  # also if nobody reads the stream
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _with_cut_off_mark(chunks: Iterable[bytes], slot: _Slot, mark: bytes) -> Iterator[bytes]:
    """Yield the chunks and, if one fails, a mark, since the server ends the stream in the same way in either
    case.

    Frees the slot at the end.
    """
    try:
        yield from chunks
    except Exception:
        yield mark
        raise
    finally:
        slot.leave()


class _Slot:
    """A slot among the concurrent exports of this process. Raises Unavailable if all are taken."""

    def __init__(self) -> None:
        self._taken = _slots.acquire(blocking=False)
        if not self._taken:
            raise Unavailable(Message("Others are exporting, as many as can at once. Try again in a moment."))

    def leave(self) -> None:
        """Free the slot for another export. A second call does nothing."""
        if self._taken:
            self._taken = False
            _slots.release()
