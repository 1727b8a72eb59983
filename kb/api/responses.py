"""How answers are made: of what was written, of pages, and the headers that come with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request

from kb.api.etags import incident_etag, version_etag
from kb.config import API_ROOT
from kb.schemas.links import incident_url
from kb.services.core.write_result import WriteResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kb.services.infrastructure.pagination import Page

ETAG = {"ETag": {"schema": {"type": "string"}, "description": "Send it back as If-Match to change this."}}
WRITTEN = {
    **ETAG,
    "Index-Status": {
        "schema": {"type": "string", "enum": ["current", "pending"]},
        "description": "`current`: a search finds this already. `pending`: it will shortly.",
    },
}
LOCATION = {"Location": {"schema": {"type": "string"}, "description": "Where it is."}}


def created(found: WriteResult | dict[str, Any]) -> Any:
    """The answer to filing an incident."""
    written = _written(found)
    return written.incident, 201, {**written_headers(written), **_location(written)}


def changed(found: WriteResult | dict[str, Any]) -> Any:
    """The answer to changing one."""
    written = _written(found)
    return written.incident, 200, written_headers(written)


def merged(found: WriteResult | dict[str, Any]) -> Any:
    """The answer to making one incident of two: the one that stays."""
    written = _written(found)
    return written.incident, 200, {**written_headers(written), **_location(written)}


def versioned(thing: Mapping[str, Any]) -> Any:
    """The answer to changing, or reading, something else that has a version."""
    return thing, 200, version_etag(thing)


def created_at(path: Callable[[Mapping[str, Any]], str]) -> Callable[[Mapping[str, Any]], Any]:
    """The answer to creating something that has a version; `path` says where it is, below the API's root."""

    def answer(thing: Mapping[str, Any]) -> Any:
        return thing, 201, {**version_etag(thing), "Location": f"{API_ROOT}{path(thing)}"}

    return answer


def page(found: Page) -> Any:
    """A page of a list, with a link to the next."""
    return found._asdict(), link_to_next(found.next)


def written_headers(written: WriteResult) -> dict[str, str]:
    """What is said of an incident that was written."""
    headers = {"ETag": incident_etag(written.incident), "Content-Language": written.incident["language"]}
    if written.searchable is not None:
        headers["Index-Status"] = "current" if written.searchable else "pending"
    return headers


def link_to_next(cursor: str | None) -> dict[str, str]:
    """The header that leads to the page after a cursor."""
    if cursor is None:
        return {}
    query = [(key, value) for key, value in request.args.items(multi=True) if key != "cursor"]
    return {"Link": f'<{request.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'}


def _written(found: WriteResult | dict[str, Any]) -> WriteResult:
    """An answer that is given again is an incident alone: by now the index has caught up, or will."""
    return found if isinstance(found, WriteResult) else WriteResult(found, created=True, searchable=None)


def _location(written: WriteResult) -> dict[str, str]:
    return {"Location": incident_url(written.incident["id"])}
