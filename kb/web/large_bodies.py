"""Requests whose body may be larger: whole collections and files to import, of those who may send them."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from kb.messages import Message
from kb.services.infrastructure.runtime import settings

LARGE_BODIES = frozenset({"put_collection", "collection_file_try", "collection_file_add"})
"""The views that take up to `KB_MAX_COLLECTION_BYTES`, by function name."""

IMPORTS = frozenset({"create_import", "import_file"})
"""The views that take up to `KB_MAX_IMPORT_BYTES`."""


def admit_large_body(view: str) -> None:
    """Let the current request have a large body if its view takes one.

    To be called when the caller is known to be permitted, and before the body is read. Raises
    RequestEntityTooLarge for a file to import that is announced as too large.
    """
    if view in LARGE_BODIES:
        request.max_content_length = max(settings().max_body_bytes, settings().max_collection_bytes)
        # A form hands the file on as a field.
        request.max_form_memory_size = request.max_content_length
    if view in IMPORTS:
        limit = max(settings().max_body_bytes, settings().max_import_bytes)
        request.max_content_length = request.max_form_memory_size = limit
        if (request.content_length or 0) > limit:
            raise RequestEntityTooLarge(
                Message(
                    "The file is larger than {limit} bytes. Send it in parts, let the operator raise "
                    "KB_MAX_IMPORT_BYTES, or import it on the server (kb import).",
                    limit=limit,
                )
            )
