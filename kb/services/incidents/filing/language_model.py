"""The language detection model: 68 MB of tables, in memory shared by the processes of a service.

A process reserves the memory before it forks others. One of these loads the model there soon after it has
started (docs/decisions/0115), or the first one that needs it, if that is earlier.
"""

from __future__ import annotations

import logging
import mmap
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from py3langid.langid import LanguageIdentifier

log = logging.getLogger(__name__)

_RESERVED_BYTES = 96 << 20
"""The maximum size of the tables. Only address space is reserved, which costs nothing until it is written."""

_ALIGNMENT = 64
_COMPLETE = 1
"""The value of the first byte once all tables are written. They begin at `_ALIGNMENT`."""

_CLAIM = 1
"""The offset of the byte that a process sets when it begins to read the model ahead."""

_reserved: mmap.mmap | None = None

_loading = threading.Lock()


def reserve() -> None:
    """Reserve memory for the model, to be shared by processes forked from now on."""
    global _reserved  # noqa: PLW0603
    try:
        _reserved = mmap.mmap(-1, _RESERVED_BYTES)
    except OSError as error:  # a system that does not overcommit memory
        log.info("Each worker will have a language model of its own: %s", error)


def load() -> LanguageIdentifier:
    """Load the model, into shared memory if reserved. Reading it takes half a second."""
    with _loading:  # the file position of the memory is shared by all threads of a process
        return _load()


def read_ahead() -> None:
    """Load the model into shared memory, so that no filing has to wait for it, unless another process does.

    Where processes do not share it, each would hold its own, so they load it only when they need it. This
    also applies if the process that reads it ahead is killed.
    """
    if _reserved is None or _reserved[_CLAIM]:
        return
    _reserved[_CLAIM] = 1
    load()
    # The pages stay in shared memory, but do not count as this process's own until it uses them.
    if hasattr(mmap, "MADV_DONTNEED"):
        _reserved.madvise(mmap.MADV_DONTNEED)


def _load() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    if _reserved is not None and _reserved[0] == _COMPLETE:
        return _identifier(_reserved)
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if _reserved is None:
        return model
    # Several processes may do this at the same time, since they write the same bytes.
    try:
        _write(_reserved, _tables(model))
    except ValueError:
        log.warning("The language model needs more memory than is reserved for it.")
        return model
    return _identifier(_reserved)


def _tables(model: LanguageIdentifier) -> Iterator[NDArray[Any]]:
    """The tables of a model, in the order in which `_identifier` reads them."""
    yield model.nb_ptc
    yield model.nb_pc
    yield np.array(model.nb_classes)
    yield np.asarray(model.tk_nextmove)
    yield np.asarray(model.tk_output, np.int32)
    yield np.asarray(model.tk_row, np.uint32)


def _write(memory: mmap.mmap, tables: Iterator[NDArray[Any]]) -> None:
    """Write tables into shared memory, then mark them complete. Raises ValueError if it is too small."""
    memory.seek(_ALIGNMENT)
    for table in tables:
        np.lib.format.write_array(memory, np.ascontiguousarray(table), allow_pickle=False)
        memory.seek(-(-memory.tell() // _ALIGNMENT) * _ALIGNMENT)
    memory[0] = _COMPLETE


def _identifier(memory: mmap.mmap) -> LanguageIdentifier:
    """Make the model from tables in shared memory, which are used in place."""
    from py3langid.langid import LanguageIdentifier  # noqa: PLC0415

    memory.seek(_ALIGNMENT)
    scores, priors, classes, transitions, outputs, rows = (_read(memory) for _ in range(6))
    # A memoryview yields Python's numbers, as the model's own arrays do; a NumPy array does not.
    return LanguageIdentifier(
        scores,
        priors,
        classes.tolist(),
        memoryview(transitions),
        memoryview(outputs),
        norm_probs=True,
        tk_row=memoryview(rows),
    )


def _read(memory: mmap.mmap) -> Any:
    """Map the next table as an array, without a copy."""
    np.lib.format.read_magic(memory)
    shape, _, dtype = np.lib.format.read_array_header_1_0(memory)
    start = memory.tell()
    table = np.frombuffer(memory, dtype, int(np.prod(shape)), start).reshape(shape)
    table.flags.writeable = False
    memory.seek(-(-(start + table.nbytes) // _ALIGNMENT) * _ALIGNMENT)
    return table
