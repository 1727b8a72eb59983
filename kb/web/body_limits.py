"""The limits of the bodies of collections and of files to import, for callers with the permission."""

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
    """Raise the body limit of the current request if its view takes large bodies.

    Call this once the caller is known to be permitted, and before the body is read. Raises
    RequestEntityTooLarge if the announced length of a file to import is too large.
    """
    if view in LARGE_BODIES:
        request.max_content_length = max(settings().max_body_bytes, settings().max_collection_bytes)
        # The form of a preview sends the file back as a field.
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
