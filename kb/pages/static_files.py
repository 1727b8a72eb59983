"""Style sheet, script, fonts: read and compressed once, and cached by browsers for a year.

The URL of a file has a hash of its content, so it changes with the file.
"""

from __future__ import annotations

import gzip
import mimetypes
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound

_FOLDER = Path(__file__).parent / "static"
_JOINED = {"look.css": "look", "script.js": "script"}
"""Files joined from the files of a folder, in the order of their names, so that a page loads only one."""

_COMPRESSED_TYPES = ("text/css", "text/javascript", "image/svg+xml", "text/plain")
_YEAR = 365 * 24 * 3600


class StaticFile(NamedTuple):
    """A file as it is sent. `packed` is its content compressed with gzip, if that is shorter."""

    fingerprint: str
    media_type: str
    content: bytes
    packed: bytes | None


def static_url(name: str, *, external: bool = False) -> str:
    """Return the URL of a static file; an external one includes the host. Raises KeyError for an unknown
    file."""
    fingerprint = _files()[name].fingerprint
    return url_for("pages.static_file", fingerprint=fingerprint, name=name, _external=external)


def static_file(fingerprint: str, name: str) -> Response:
    """Send a static file. Raises NotFound if it does not exist, or its content has changed."""
    file = _files().get(name)
    if file is None or file.fingerprint != fingerprint:
        raise NotFound
    is_packed = file.packed is not None and request.accept_encodings.best_match(["gzip"]) is not None
    response = Response(file.packed if is_packed else file.content, mimetype=file.media_type)
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    if file.packed is not None:
        response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response


@cache
def _files() -> dict[str, StaticFile]:
    """Load the static files, by their path in the folder."""
    paths = (path for path in sorted(_FOLDER.rglob("*")) if path.is_file())
    contents = {path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in paths}
    for name, folder in _JOINED.items():
        parts = [part for part in contents if part.startswith(f"{folder}/")]
        contents[name] = b"\n".join(contents.pop(part) for part in parts)
    return {name: _prepare(name, content) for name, content in contents.items()}


def _prepare(name: str, content: bytes) -> StaticFile:
    if name.endswith(".css"):
        content = _with_font_urls(content)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    media_type = "text/javascript" if name.endswith(".js") else media_type
    packed = gzip.compress(content, mtime=0) if media_type in _COMPRESSED_TYPES else None
    return StaticFile(sha256(content).hexdigest()[:12], media_type, content, packed)


def _with_font_urls(sheet: bytes) -> bytes:
    """Replace each `url(fonts/...)` of a style sheet with the URL of the font, relative to the sheet's."""
    text = sheet.decode()
    for font in sorted((_FOLDER / "fonts").glob("*.woff2")):
        fingerprint = sha256(font.read_bytes()).hexdigest()[:12]
        text = text.replace(f"url(fonts/{font.name})", f"url(../{fingerprint}/fonts/{font.name})")
    return text.encode()
