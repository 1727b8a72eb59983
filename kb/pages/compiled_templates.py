"""Compiled templates, kept beside the templates as Python keeps compiled modules: compiling takes 0.3 s.

They are code, so they are not kept with derived data (`kb.derived_files`): whoever can write to the folder of
a template can change the program anyway.
"""

from __future__ import annotations

import marshal
import os
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import BytecodeCache

from kb.derived_files import program_digest

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

_HASH_BYTES = 32


class CompiledTemplates(BytecodeCache):
    """Keeps each template's code in `__pycache__`, with a hash of what it depends on and one of itself.

    A file that is missing, damaged or of another program is replaced; one that cannot be written is not.
    """

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002 (Jinja's signature)
        """The path of the file; empty for a template that is not from a file."""
        return cache_from_source(f"{filename}.py") if filename else ""

    def get_source_checksum(self, source: str) -> str:
        """A hash of the source and of the program, whose filters compiled code may have evaluated."""
        return sha256(program_digest() + source.encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the code if it was compiled from the same source by the same program."""
        with suppress(OSError, ValueError, EOFError, TypeError):
            content = memoryview(Path(bucket.key).read_bytes())
            body = content[_HASH_BYTES:]
            if content[:_HASH_BYTES] == _digest(bucket, body):
                bucket.code = marshal.loads(body)  # noqa: S302 (as Python does with compiled modules)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write the code, unless Python is not to write compiled modules."""
        if sys.dont_write_bytecode or not bucket.key:
            return
        path = Path(bucket.key)
        fresh = path.with_suffix(f".{os.getpid()}.{id(bucket)}")
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            body = marshal.dumps(bucket.code)
            try:
                fresh.write_bytes(_digest(bucket, body) + body)
                fresh.replace(path)
            except OSError:
                fresh.unlink(missing_ok=True)
                raise


def _digest(bucket: Bucket, body: bytes | memoryview) -> bytes:
    digest = sha256(bucket.checksum.encode())
    digest.update(bucket.key.encode())
    digest.update(body)
    return digest.digest()
