"""Endpoints for imports: send a file, poll its progress, cancel and restart it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import request

from kb.api.idempotent import idempotent
from kb.api.responses import LINK_HEADER, LOCATION_HEADER, page_response
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.schemas.imports import ImportJobSchema, ImportListSchema, ImportQuerySchema
from kb.schemas.links import import_url
from kb.schemas.pagination import PageQuerySchema
from kb.services.exchange.imports import jobs, runner
from kb.services.exchange.imports.runner import Requester
from kb.translation import translated
from kb.web.current_actor import current_actor
from kb.web.languages import message_language

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint(
    "imports",
    __name__,
    url_prefix=API_ROOT,
    description="An import takes a file of incidents in any format, and goes on after the request.",
)


class SentFile(NamedTuple):
    """An uploaded file to import, with its mapping."""

    content: bytes
    name: str = ""
    mapping: str | None = None


_FILE = {
    "required": True,
    "content": {
        "application/octet-stream": {
            "schema": {"type": "string", "format": "binary"},
            "example": '{"title": "A draft goes out", "organization": "Acme", "status": "draft"}\n',
        },
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "mapping": {
                        "type": "string",
                        "description": "What columns and words of a foreign table mean, in YAML or JSON.",
                    },
                },
                "required": ["file"],
            }
        },
    },
}


def _accepted(job: Mapping[str, Any]) -> Any:
    """202 with an import that was just created, and its location."""
    return job, 202, {"Location": import_url(job["id"])}


@blueprint.route("/import", methods=["GET"])
@blueprint.arguments(PageQuerySchema, location="query")
@blueprint.response(200, ImportListSchema, headers=LINK_HEADER)
def list_imports(query: Mapping[str, Any]) -> Any:
    """List the imports of the last 30 days. Those into the teams that you administer, newest first."""
    return page_response(jobs.list_jobs(current_actor(), limit=query["limit"], cursor=query.get("cursor")))


@blueprint.route("/import", methods=["POST"])
@blueprint.arguments(ImportQuerySchema, location="query")
@blueprint.doc(requestBody=_FILE)
@blueprint.response(202, ImportJobSchema, headers=LOCATION_HEADER)
@idempotent(blueprint, _accepted)
def create_import(query: Mapping[str, Any]) -> Any:
    """Import a file of incidents.

    It continues after the response: poll its `url` for its progress. The body is the file, whatever its
    Content-Type: JSON Lines, a JSON array, an exported table (CSV, XLSX), Markdown with front matter, or a
    ZIP file of such documents. Any other table needs a mapping, and is sent with it as a form with the fields
    `file` and `mapping`. Everything is checked before the first incident is written, and either all incidents
    are written or none. A team has one import at a time. Needs the role `admin` and the scopes `write` and
    `review`, since incidents are published without a review.
    """
    options = {name: query[name] for name in ("encoding", "dry_run", "skip_invalid", "again")}
    sent = _sent_file()
    name = query["name"] or sent.name
    options["mapping"] = sent.mapping
    return _started(jobs.create_job(current_actor(), query.get("team"), name, sent.content, options))


@blueprint.route("/import/<int:job_id>", methods=["GET"])
@blueprint.response(200, ImportJobSchema)
def get_import(job_id: int) -> Any:
    """Show an import. Its progress, and its report once it has ended."""
    return jobs.get_job(current_actor(), job_id)


@blueprint.route("/import/<int:job_id>", methods=["DELETE"])
@blueprint.response(200, ImportJobSchema)
@blueprint.alt_response(409, response="Conflict")
def cancel_import(job_id: int) -> Any:
    """Cancel an import, as long as it has written nothing."""
    return jobs.cancel_job(current_actor(), job_id)


@blueprint.route("/import/<int:job_id>/restart", methods=["POST"])
@blueprint.response(202, ImportJobSchema, headers=LOCATION_HEADER)
@idempotent(blueprint, _accepted)
def restart_import(job_id: int) -> Any:
    """Restart an interrupted import. Its file is stored for a day."""
    return _started(jobs.restart_job(current_actor(), job_id))


def _sent_file() -> SentFile:
    """The file of the request: its body, or a field of a form."""
    if request.mimetype != "multipart/form-data":
        return SentFile(request.get_data())
    file, mapping = request.files.get("file"), request.files.get("mapping")
    text = request.form.get("mapping") if mapping is None else mapping.read().decode("utf-8-sig", "replace")
    if file is None:
        return SentFile(b"")
    return SentFile(file.read(), file.filename or "", text)


def _started(job: dict[str, Any]) -> dict[str, Any]:
    """Start running an import, which reports in the language of the request."""
    say = partial(translated, language=message_language())
    runner.start(jobs.ticket_of(job), Requester(current_actor(), say))
    return job
