"""Every cache of the process has a ceiling: in bytes, where what it holds is of different sizes."""

from __future__ import annotations

import gc
import inspect
import random
import sys
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper
from typing import Any

import pytest

from kb.caches import MAX_LONG_CHARACTERS, SHORT, LruCache, RecentValues
from tests.support.api import Api
from tests.support.garbage import all_objects
from tests.support.pages import visitor

ONE_OF_EACH = {
    "kb.search.concepts._with_sense",  # emptied once the concepts are read
    "kb.guards.sentences.model.shipped_model",  # kinds of models
    "kb.guards.placeholders.note_words._compiled",  # forms of notes
    "kb.translation._catalog",  # languages of the interface
    "kb.pages.time_zones._groups",
    "kb.api.examples._read",  # files
    "kb.services.incidents.filing.prepared._inserts",  # kinds of databases
    "kb.models.row_changes._form",  # models
    "kb.models.versioned_update._columns",  # tables
    "kb.models.versioned_update._identity",
    "kb.services.exchange.exports.markdown._labels",  # kinds of incidents and languages of the form
}
"""Caches without a limit that have one entry for each of a few things that we ship."""


def _lru_caches() -> Iterator[tuple[str, Any]]:
    for each in all_objects():
        if isinstance(each, _lru_cache_wrapper):
            function = each.__wrapped__
            if function.__module__.startswith("kb."):
                yield f"{function.__module__}.{function.__qualname__}", each


def _keys(cache: Any) -> list[Any]:
    """The keys of a cache of functools: the garbage collector knows its dictionary."""
    return [key for each in gc.get_referents(cache) if isinstance(each, dict) for key in each]


def _long_characters(key: Any) -> int:
    """How many characters the long texts in a key have."""
    if isinstance(key, str):
        return len(key) if len(key) > SHORT else 0
    return sum(map(_long_characters, key)) if isinstance(key, (tuple, list)) else 0


@pytest.mark.no_cover
def test_no_cache_grows_with_what_is_asked_without_a_limit(reader: Api) -> None:
    assert reader.get("/search", q="placeholder").status_code == 200
    unlimited = {
        name
        for name, cache in _lru_caches()
        if cache.cache_parameters()["maxsize"] is None and inspect.signature(cache).parameters
    }
    assert unlimited <= ONE_OF_EACH


@pytest.mark.no_cover
def test_long_words_fill_no_cache(as_role: Callable[..., Api]) -> None:
    admin, rng = as_role("site_admin"), random.Random(1)

    def words(letters: str, length: int, count: int = 3) -> str:
        return " ".join("".join(rng.choices(letters, k=length)) for _ in range(count))

    for letters in ("abcdefgh", "אבגדהוזח", "éàüøå"):
        for _ in range(4):
            assert admin.post("/checks", {"text": words(letters, 900, 20)}).status_code == 200
        text = words(letters, 300)
        assert admin.get("/search", q=text[:900]).status_code == 200
        assert admin.get("/suggest", q=text[:90]).status_code == 200
        filed = admin.file(title=words(letters, 60), summary=text, cause=text, tags=[text[:60]])
        assert admin.get(f"/incidents/{filed['id']}/similar").status_code == 200
        assert visitor(admin).open(f"/search?q={text[:300]}").status == 200
    caches = [(name, sum(map(_long_characters, _keys(cache)))) for name, cache in _lru_caches()]
    assert max(size for _, size in caches) > 10_000, "the texts were too short to fill anything"
    assert [(name, size) for name, size in caches if size > MAX_LONG_CHARACTERS] == []


@pytest.mark.no_cover
def test_caches_of_different_sizes_keep_to_their_bytes(as_role: Callable[..., Api]) -> None:
    admin = as_role("site_admin")
    for number in range(3):
        admin.get("/search", q=f"placeholder {number}", facets="category")
        admin.post("/checks", {"text": f"Placeholder {number}: need copy and link"})
    caches = [each for each in all_objects() if isinstance(each, LruCache)]
    assert len(caches) >= 8
    for cache in caches:
        for number in range(100):
            cache.put(("filled by the test", number), None, cache.max_bytes // 20)
        assert cache.size <= cache.max_bytes
        cache.clear()
        assert cache.size == 0


def test_a_value_larger_than_its_cache_is_not_kept() -> None:
    cache: LruCache[bytes] = LruCache(10_000)
    cache.put("small", b"1", sys.getsizeof(b"1"))
    cache.put("large", b"2", 20_000)
    assert (cache.get("small"), cache.get("large")) == (b"1", None)


def test_many_values_asked_for_at_once_count_as_used() -> None:
    cache: LruCache[str] = LruCache(1_000)
    for key in ("one", "two", "three"):
        cache.put(key, key.upper(), 100)
    assert cache.get_each(["one", "four", "two"]) == ["ONE", None, "TWO"]
    cache.put("four", "FOUR", 100)
    assert cache.get_each(["one", "two", "three", "four"]) == ["ONE", "TWO", None, "FOUR"]


def test_of_a_number_of_values_those_used_last_stay() -> None:
    values: RecentValues[str | None] = RecentValues(2)
    values["one"], values["two"] = None, "TWO"
    assert values["one"] is None
    values["three"] = "THREE"
    assert [values.get(key) for key in ("one", "two", "three")] == [None, None, "THREE"]
    assert values.values() == [None, "THREE"]
    values.clear()
    with pytest.raises(KeyError):
        values["one"]
