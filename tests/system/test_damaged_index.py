"""Every file of the index damaged under a running service, in every way."""

from __future__ import annotations

import shutil
import urllib.error
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.damage import DAMAGES, damage
from tests.support.incidents import incident
from tests.support.server import Server, running_server
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

FILES = (
    "CURRENT",
    "build-*/*.doc",
    "build-*/*.inv",
    "build-*/*.toc",
    "build-*/MANIFEST_*.json",
    "build-*/POSITION",
)
"""Every kind of file of an index, as a pattern below its folder."""


@pytest.fixture(scope="module")
def server(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = shutil.copytree(prepared, tmp_path_factory.mktemp("damaged") / "data")
    with running_server(folder) as server:
        yield server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.token()


def _total(server: Server, words: str) -> int | None:
    """How many incidents a search finds; None while the service says that it cannot search."""
    try:
        total: int = server.get("/search", q=words)["total"]
    except urllib.error.HTTPError as error:
        if error.code != 503 or "Retry-After" not in error.headers:
            raise
        return None
    return total


def _check(server: Server, token: str, word: str) -> None:
    """Incidents are read; a search is right or refused, and soon right, also about what is written now."""
    assert server.get("/incidents/3")["id"] == 3
    assert _total(server, "placeholder") in (1, None)
    filed = server.post("/incidents", incident(title=word, status="published"), token)
    eventually(lambda: _total(server, word) is not None, lambda: server.errors)
    eventually(lambda: _total(server, word) == 1, lambda: server.errors)
    assert server.get("/search", q=word)["items"][0]["incident"]["id"] == filed["id"]
    assert _total(server, "placeholder") == 1


@pytest.mark.parametrize("pattern", FILES)
def test_a_damaged_file_stops_no_reader_and_is_replaced(server: Server, token: str, pattern: str) -> None:
    kind = pattern.partition("*.")[2] or pattern.partition("/")[2] or pattern
    letters = "".join(filter(str.isalpha, kind)).lower()
    _check(server, token, f"yak{letters}")  # some files come with the first commit
    for way in DAMAGES:
        eventually(partial(_damage_largest, server, pattern, way), lambda: server.errors)
        _check(server, token, f"zebra{letters}{way}")


def _damage_largest(server: Server, pattern: str, way: str) -> bool:
    """Damage the largest file of a kind; False if it has just been replaced."""
    try:
        files = sorted((server.data_dir / "index").glob(pattern), key=lambda path: path.stat().st_size)
        damage(files[-1], way)
    except (FileNotFoundError, IndexError):
        return False
    return True


@pytest.mark.parametrize("folder", ["index", "index/build-*"])
def test_a_removed_folder_stops_no_reader_and_is_replaced(server: Server, token: str, folder: str) -> None:
    for path in server.data_dir.glob(folder):
        shutil.rmtree(path)
    _check(server, token, f"okapi{folder.count('-')}")
