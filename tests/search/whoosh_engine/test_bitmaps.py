"""The cache of documents by term: it answers as if it were not there, and has a ceiling."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kb.search.whoosh_engine.format.arrays import Array
from kb.search.whoosh_engine.format.bitmaps import Bitmaps

TERMS, DOCS = 300, 21

MATRIX = np.random.default_rng(1).random((TERMS, DOCS)) < 0.3

requests = st.lists(st.lists(st.integers(0, TERMS - 1), unique=True, max_size=120), max_size=12)


def masks(ordinals: Array) -> Array:
    found: Array = MATRIX[ordinals]
    return found


@given(requests, st.sampled_from([1, 7, 100, 1_000]))
def test_masks_are_those_of_the_terms_whatever_was_requested_before(
    lists: list[list[int]], max_terms: int
) -> None:
    bitmaps = Bitmaps(TERMS, DOCS, max_terms)
    for ordinals in lists:
        chosen = np.array(ordinals, np.int64)
        assert (bitmaps.masks(chosen, masks) == MATRIX[chosen]).all()
        assert len(bitmaps._bits) <= max_terms


def test_a_term_is_read_once_while_there_is_space() -> None:
    bitmaps, read = Bitmaps(TERMS, DOCS, 100), []

    def make(ordinals: Array) -> Array:
        read.extend(ordinals.tolist())
        return masks(ordinals)

    for start in (0, 50, 0, 50):
        bitmaps.masks(np.arange(start, start + 50), make)
    assert read == [*range(100)]


def test_terms_that_are_requested_again_stay_while_others_come_and_go() -> None:
    bitmaps, read = Bitmaps(TERMS, DOCS, 100), []

    def make(ordinals: Array) -> Array:
        read.extend(ordinals.tolist())
        return masks(ordinals)

    for other in range(20, 300):
        bitmaps.masks(np.array([*range(20), other]), make)
    assert read == [*range(300)]
