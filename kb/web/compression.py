"""Compression of responses, by gzip or Zstandard, for clients that ask for it (docs/decisions/0032)."""

from __future__ import annotations

import re
import sys
import zlib
from typing import TYPE_CHECKING

from flask import request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from kb.caches import text_cache

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Protocol
    from wsgiref.types import StartResponse, WSGIEnvironment

    from flask import Flask, Response

    class _StreamCompressor(Protocol):
        """Compresses a stream incrementally; each call returns the output available so far."""

        def compress(self, data: bytes, /) -> bytes: ...
        def flush(self) -> bytes: ...


MIN_BYTES = 1_000
"""Shorter bodies are not compressed: they fit into one packet anyway."""

_LEVEL = 1
"""The level of both codings: higher ones take several times as long to save a few percent."""

_STREAM_COMPRESSORS: dict[str, Callable[[], _StreamCompressor]] = {
    "zstd": lambda: zstd.ZstdCompressor(_LEVEL),
    "gzip": lambda: zlib.compressobj(_LEVEL, wbits=31),
}

_COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstd.compress(body, _LEVEL),
    "gzip": lambda body: zlib.compress(body, _LEVEL, wbits=31),
}
"""The supported codings, in order of preference."""

_COMPRESSIBLE = re.compile(r"text/.+|application/(.+\+)?(json|xml|yaml)|image/svg\+xml")
_CODED_ETAG = re.compile(rf'-({"|".join(_COMPRESSORS)})(?=")')
_ORIGINAL_CONDITION = "kb.if_none_match"


def install_compression(app: Flask) -> None:
    """Compress the responses of an application. Call this before installing hooks that change a response."""
    application = app.wsgi_app

    def strip_codings(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        _strip_codings(environ)
        return application(environ, start_response)

    app.wsgi_app = strip_codings  # type: ignore[method-assign]
    app.after_request(_compress)


def compress_stream(response: Response) -> Response:
    """Compress a response as it is generated, if the client accepts it.

    Chunks are buffered until there is enough to send, so do not use it if the reader waits for each chunk.
    """
    coding = _choose_coding(request.environ.get("HTTP_ACCEPT_ENCODING", "")[:1_000])
    if coding is not None:
        response.response = _compressed(response.iter_encoded(), _STREAM_COMPRESSORS[coding]())
        response.headers["Content-Encoding"] = coding
    return response


def _compressed(chunks: Iterable[bytes], compressor: _StreamCompressor) -> Iterator[bytes]:
    for chunk in chunks:
        if compressed := compressor.compress(chunk):
            yield compressed
    yield compressor.flush()


def _strip_codings(environ: WSGIEnvironment) -> None:
    """Remove coding suffixes from the ETags that the client sends, so no other code needs to know them."""
    if (condition := environ.get("HTTP_IF_MATCH")) is not None:
        environ["HTTP_IF_MATCH"] = _CODED_ETAG.sub("", condition)
    if (condition := environ.get("HTTP_IF_NONE_MATCH")) is not None:
        environ["HTTP_IF_NONE_MATCH"] = _CODED_ETAG.sub("", condition)
        environ[_ORIGINAL_CONDITION] = condition


def _compress(response: Response) -> Response:
    """Compress a response if the client accepts it and it is worth it.

    Its ETag gets the coding as a suffix, since each representation needs its own. `no-store` responses are
    not compressed: they may hold secrets, which the compressed length would leak (BREACH).
    """
    headers = response.headers
    if "Accept-Encoding" not in (vary := headers.get("Vary", "")):
        headers["Vary"] = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
    if response.status_code == 304:
        _name_coding(response)
        return response
    coding = _choose_coding(request.environ.get("HTTP_ACCEPT_ENCODING", "")[:1_000])
    if coding is None or not _may_compress(response):
        return response
    body = response.get_data()
    if len(body) < MIN_BYTES:
        return response
    response.set_data(_COMPRESSORS[coding](body))
    headers["Content-Encoding"] = coding
    if (etag := headers.get("ETag", "")).endswith('"'):
        headers["ETag"] = f'{etag[:-1]}-{coding}"'
    return response


def _may_compress(response: Response) -> bool:
    return (
        _COMPRESSIBLE.fullmatch(response.mimetype or "") is not None
        and not response.is_streamed
        and "Content-Encoding" not in response.headers
        and "Content-Range" not in response.headers
        and "no-store" not in response.headers.get("Cache-Control", "")
    )


def _name_coding(response: Response) -> None:
    """Give a 304 the ETag of the representation that the client has cached."""
    etag, sent = response.headers.get("ETag", ""), request.environ.get(_ORIGINAL_CONDITION, "")
    for coding in _COMPRESSORS:
        if etag and (coded := f'{etag[:-1]}-{coding}"') in sent:
            response.headers["ETag"] = coded


@text_cache(256)
def _choose_coding(accepted: str) -> str | None:
    """Return the coding that a client prefers by its Accept-Encoding; None for no coding.

    Zstandard wins ties, since it takes less time. `*` means gzip, which every client knows.
    """
    qualities = dict(parse_accept_header(accepted.lower(), Accept))
    qualities.setdefault("gzip", qualities.get("*", 0))
    coding = max(_COMPRESSORS, key=lambda name: qualities.get(name, 0))
    quality = qualities.get(coding, 0)
    # `identity` is acceptable unless excluded, but preferred only if it is named.
    return coding if quality > 0 and quality >= qualities.get("identity", 0) else None
