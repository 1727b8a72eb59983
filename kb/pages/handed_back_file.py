"""A file that an answer returns in a hidden field, so that nobody has to choose it again."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode

from kb.errors import FieldError, InvalidInput
from kb.messages import Message

_LEVEL = 1
"""The level of compression. Higher ones save a few percent, and take seconds for some files of 8 MB."""


def packed(content: bytes, most: int) -> str:
    """Encode a file as the value of a field of at most `most` characters; empty if it is too large."""
    text = b64encode(zlib.compress(content, _LEVEL)).decode()
    return text if len(text) <= most else ""


def unpacked(text: str, most: int) -> bytes:
    """Decode the file of such a value. Raises InvalidInput for an invalid value or a larger file."""
    reader = zlib.decompressobj()
    try:
        content = reader.decompress(b64decode(text, validate=True), most)
    except (ValueError, zlib.error) as error:
        raise _not_a_file() from error
    if text and not reader.eof:
        raise _not_a_file()
    return content


def _not_a_file() -> InvalidInput:
    return InvalidInput([FieldError("file", Message("The file did not arrive. Choose it once more."))])
