"""Compare the sound of a word with many names at once: weighted edit distances in NumPy arrays."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kb.search.transliteration.alphabet import Alphabet, Symbol

    Floats = NDArray[np.float32]

PADDING = -1
"""Fills the rows of shorter names; as an index, it selects the last element of the arrays below."""

_IMPOSSIBLE = 1000.0


def edit_costs(
    word: Sequence[Symbol], alphabet: Alphabet, names: NDArray[np.int16], names_alphabet: Alphabet
) -> Floats:
    """The cost of turning a word into each name.

    `names` has a row for each name: the indices of its symbols in their alphabet, then PADDING.
    """
    skips = _skip_costs(names_alphabet, alphabet)[names]
    inserted = np.zeros((len(names), names.shape[1] + 1), np.float32)
    np.cumsum(skips, axis=1, out=inserted[:, 1:])
    row = inserted
    for symbol in word:
        skip = np.float32(names_alphabet.skip_cost(symbol))
        following = row + skip
        replaced = row[:, :-1] + _distances(symbol, names_alphabet)[names]
        np.minimum(following[:, 1:], replaced, out=following[:, 1:])
        # Cumulative insertions: a running minimum, relative to the cost of inserting all symbols.
        following -= inserted
        np.minimum.accumulate(following, axis=1, out=following)
        following += inserted
        row = following
    return row[:, -1]


@lru_cache(maxsize=2048)
def _distances(symbol: Symbol, alphabet: Alphabet) -> Floats:
    """The distances of a symbol from the symbols of another alphabet, by index; PADDING is unreachable."""
    return np.array([*map(symbol.distance, alphabet.symbols), _IMPOSSIBLE], np.float32)


@lru_cache(maxsize=64)
def _skip_costs(alphabet: Alphabet, other: Alphabet) -> Floats:
    """The cost of each symbol of an alphabet if another script leaves it unwritten."""
    return np.array([*map(other.skip_cost, alphabet.symbols), 0.0], np.float32)
