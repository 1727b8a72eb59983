"""What a request says beside its body: who asks, in which language, based on which version."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from flask import g, request
from marshmallow import ValidationError

from kb.errors import NotAuthenticated
from kb.models import db
from kb.schemas.fields import canonical_language
from kb.services.accounts import authentication
from kb.services.core.authorization import ANY_VERSION, Versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.permissions import Actor

_ETAG = re.compile(r'(?:W/)?"?(\d{1,18})(?:-[A-Za-z0-9-]+)?"?')
_MAX_HEADER_LENGTH = 1_000
_MAX_LANGUAGES = 10


def current_actor() -> Actor:
    """Who asks. Raises NotAuthenticated for a token that is not valid, also where none is needed."""
    if "actor" not in g:
        header = request.headers.get("Authorization")
        if header is None:
            g.actor = authentication.anonymous()
        else:
            scheme, _, secret = header.partition(" ")
            if scheme.lower() != "bearer":
                raise NotAuthenticated("Send a token as: Authorization: Bearer kb_...")
            g.actor = authentication.authenticate(secret.strip())
            db.session.rollback()
    actor: Actor = g.actor
    return actor


def wanted_languages(query: Mapping[str, Any]) -> list[str]:
    """The languages that the reader wants, the dearest first: `?lang=`, else Accept-Language, else the user's
    own."""
    if "lang" in query:
        return [query["lang"]]
    own = current_actor().language
    if own is not None and not request.accept_languages:
        return [own]
    wanted = []
    for tag in list(request.accept_languages.values())[:_MAX_LANGUAGES]:
        try:
            wanted.append(canonical_language(tag))
        except ValidationError:
            continue
    return wanted


def based_on(condition: Mapping[str, str | None]) -> Versions | None:
    """The versions that `If-Match` names; None without it. What is no ETag of ours names none."""
    header = condition["if_match"]
    if header is None:
        return None
    if header.strip() == "*":
        return frozenset({ANY_VERSION})
    named = (_ETAG.fullmatch(tag.strip()) for tag in header[:_MAX_HEADER_LENGTH].split(","))
    return frozenset(int(match[1]) for match in named if match) - {ANY_VERSION}


def version_etag(thing: Mapping[str, Any]) -> dict[str, str]:
    """The header with the ETag of what has a version and no languages."""
    return {"ETag": f'"{thing["version"]}"'}


def etag(incident: Mapping[str, Any]) -> str:
    """The ETag of an incident in one language; `If-Match` takes it, and the version alone, in quotes."""
    return f'"{incident["version"]}-{incident["language"]}"'


def fingerprint() -> str:
    """What makes two requests the same request, for an idempotency key."""
    based_on = request.headers.get("If-Match", "").encode()
    parts = (request.method.encode(), request.path.encode(), based_on, request.get_data())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def wants(query: Mapping[str, Any], name: str, mimetype: str) -> bool:
    """Whether a form other than JSON is asked for: by `?format=`, else by the Accept header."""
    if query.get("format") is not None:
        return bool(query["format"] == name)
    return request.accept_mimetypes.best_match(["application/json", mimetype]) == mimetype
