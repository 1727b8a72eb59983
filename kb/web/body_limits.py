"""Limits of request bodies: higher ones for large files, and one for the fields of any form.

Werkzeug limits the fields of multipart forms only.
"""

from __future__ import annotations

import time
from io import BytesIO
from typing import IO, TYPE_CHECKING

from flask import Request, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from kb.messages import Message
from kb.pauses import Pauses
from kb.services.infrastructure.runtime import settings

if TYPE_CHECKING:
    from werkzeug.formparser import t_parse_result

LARGE_BODIES = frozenset({"put_collection", "collection_file_try", "collection_file_add"})
"""The views that take up to `KB_MAX_COLLECTION_BYTES`, by function name."""

IMPORTS = frozenset({"create_import", "import_file"})
"""The views that take up to `KB_MAX_IMPORT_BYTES`."""

MAX_FORM_FIELDS = 2_000
"""The most fields of a form. The largest form of the pages has some 520: a draft with 500 suppressions."""


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


class BoundedFormParser(FormDataParser):
    """Refuses a form with too many fields before parsing them: 60,000 of them fit into a small body."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> t_parse_result:
        """Return the stream, the fields and the files of a form. Raises RequestEntityTooLarge.

        After a form that takes long to read, other requests are served.
        """
        pause = Pauses(time.thread_time)
        if mimetype == "application/x-www-form-urlencoded":
            content = stream.read()
            if content.count(b"&") >= MAX_FORM_FIELDS:
                raise RequestEntityTooLarge
            stream = BytesIO(content)
        form = super().parse(stream, mimetype, content_length, options)
        pause()
        return form


class BoundedRequest(Request):
    """A request whose form is parsed by `BoundedFormParser`."""

    form_data_parser_class = BoundedFormParser
