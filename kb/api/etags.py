"""ETags of responses, and the versions in the If-Match header of requests."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from kb.services.core.authorization import ANY, ANY_VERSION, Versions

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = r"(\d{1,18})(?:[-+:;][!#-~]*)?"
"""A version, optionally followed by a language, a digest, or the suffix of a compressing proxy (`:br`)."""

_ETAG = re.compile(rf'(?:W/)?"{_VERSION}"|{_VERSION}')
_MAX_HEADER_LENGTH = 1_000


def if_match_versions(headers: Mapping[str, str | None]) -> Versions | None:
    """Return the versions in `If-Match`, or None without the header.

    Foreign ETags have no version. An ETag without quotes is accepted, since a shell may have removed them,
    and so is a weak one, since compressing proxies make ETags weak.
    """
    header = (headers["if_match"] or "").strip(" \t,")
    if not header:
        return None
    if header == "*":
        return ANY
    if len(header) > _MAX_HEADER_LENGTH:  # not the one that is cut off
        header = header[:_MAX_HEADER_LENGTH].rpartition(",")[0]
    matches = (_ETAG.fullmatch(tag.strip()) for tag in header.split(","))
    return frozenset(int(match[1] or match[2]) for match in matches if match) - {ANY_VERSION}


def version_etag(resource: Mapping[str, Any]) -> dict[str, str]:
    """The ETag header of a versioned resource that exists in one language only."""
    return {"ETag": f'"{resource["version"]}"'}


def proposal_etag(proposal: Mapping[str, Any]) -> str:
    """The ETag of a proposal, with the version of the incident, on which the proposed changes depend."""
    digest = hashlib.sha256(json.dumps(proposal).encode()).hexdigest()[:16]
    return f'"{proposal["version"]}-{digest}"'


def incident_etag(incident: Mapping[str, Any]) -> str:
    """The ETag of an incident in one language. `If-Match` also accepts the version alone, in quotes."""
    return f'"{incident["version"]}-{incident["language"]}"'
