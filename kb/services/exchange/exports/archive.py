"""Stream a ZIP file of any size, generated as it is read."""

from __future__ import annotations

import zipfile
from io import RawIOBase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Buffer

    from kb.services.exchange.exports.markdown import Document

_READABLE_BY_ALL = 0o644 << 16


def archive_chunks(documents: Iterable[Document]) -> Iterator[bytes]:
    """Yield the bytes of a ZIP file with some documents. The same documents give the same bytes."""
    written = Chunks()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in documents:
            entry = zipfile.ZipInfo(document.path, document.written_at.timetuple()[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, _READABLE_BY_ALL
            archive.writestr(entry, document.text)
            yield written.take()
    yield written.take()


class Chunks(RawIOBase):
    """A write-only file whose content is taken out as it is written."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def take(self) -> bytes:
        """Return and clear the content written since the last call."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken
