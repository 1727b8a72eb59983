"""Sequences in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_Value = TypeVar("_Value")


@overload
def batched(values: list[_Value], size: int) -> Iterator[list[_Value]]: ...
@overload
def batched(values: Sequence[_Value], size: int) -> Iterator[Sequence[_Value]]: ...
def batched(values: Sequence[_Value], size: int) -> Iterator[Sequence[_Value]]:
    """Yield slices of a sequence in order, each of at most `size` values.

    Unlike those of `itertools.batched` (Python 3.12), they have the type of the sequence: drivers tell lists
    of rows from tuples of values.
    """
    return (values[start : start + size] for start in range(0, len(values), size))
