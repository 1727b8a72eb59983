"""The limit of the fields of a form, also where Werkzeug has none: it bounds only multipart forms."""

from __future__ import annotations

from io import BytesIO
from typing import IO, TYPE_CHECKING

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

if TYPE_CHECKING:
    from werkzeug.formparser import t_parse_result

MAX_FORM_FIELDS = 2_000
"""The most fields of a form. The largest form of the pages has some 520: a draft with 500 suppressions."""


class BoundedFormParser(FormDataParser):
    """Refuses a form with too many fields before parsing them: 60,000 of them fit into a small body."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> t_parse_result:
        """Return the stream, the fields and the files of a form. Raises RequestEntityTooLarge."""
        if mimetype == "application/x-www-form-urlencoded":
            content = stream.read()
            if content.count(b"&") >= MAX_FORM_FIELDS:
                raise RequestEntityTooLarge
            stream = BytesIO(content)
        return super().parse(stream, mimetype, content_length, options)


class BoundedRequest(Request):
    """A request whose form is parsed by `BoundedFormParser`."""

    form_data_parser_class = BoundedFormParser
