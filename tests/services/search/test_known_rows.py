"""What decides who sees a hit is read once for the drafts of a moment, and again for those of the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from kb.search.engine import PrecedentQuery, ResultPage
from kb.search.query import Group, SearchQuery
from kb.services.accounts.authentication import anonymous as somebody
from kb.services.infrastructure.runtime import engine
from kb.services.search.visible_hits import KnownRows, find_visible
from tests.support.api import Api


def _published(noa: Api, title: str) -> dict[str, Any]:
    return noa.file(title=title, status="published", severity=3)


def _ask() -> ResultPage:
    query = PrecedentQuery(words=("quagga",), concepts={})
    return engine().precedents(query, SearchQuery(root=Group(), audiences=frozenset({"public"})))


def _hide(noa: Api, incident: int) -> None:
    address = f"/incidents/{incident}"
    assert noa.patch(address, {"visibility": "team"}, If_Match="*").status_code == 200


def test_a_row_is_read_once_until_others_are_read_after_a_write(
    app: Flask, person: Callable[..., Api]
) -> None:
    noa = person("Noa", north="admin")
    one, other = (_published(noa, f"Quagga {number}")["id"] for number in range(2))
    known = KnownRows()
    with app.app_context():
        before, rows = known.read([one], _ask().position)
        first = rows[one]
    _hide(noa, one)
    with app.app_context():
        assert known.read([one], before) == (before, {one: first})
        after, rows = known.read([one, other], before)
        assert after.seq > before.seq
        assert rows[one] not in (None, first)
        assert known.read([other, 123_456], before)[1][123_456] is None


def test_a_row_is_read_again_for_an_index_that_has_more(app: Flask, person: Callable[..., Api]) -> None:
    noa = person("Noa", north="admin")
    filed = _published(noa, "Quagga")
    known = KnownRows()
    with app.app_context():
        before = known.read([filed["id"]], _ask().position)[0]
    assert noa.patch(f"/incidents/{filed['id']}", {"title": "Quaggas"}, If_Match="*").status_code == 200
    with app.app_context():
        (hit,) = find_visible(somebody(), _ask, known=known).hits
        assert hit.content["texts"]["en"]["summary"]["title"] == "Quaggas"
        assert known.read([filed["id"]], before)[0].seq > before.seq


def test_the_next_moment_knows_that_an_incident_was_hidden(app: Flask, person: Callable[..., Api]) -> None:
    noa = person("Noa", north="admin")
    hidden = _published(noa, "Quagga")["id"]
    with app.app_context():
        page = _ask()
        assert [hit.id for hit in find_visible(somebody(), lambda: page).hits] == [hidden]
    _hide(noa, hidden)
    with app.app_context():
        assert find_visible(somebody(), lambda: page, known=KnownRows()).hits == []


def test_what_is_loaded_from_the_database_is_shown_only_to_those_who_see_it_then(
    app: Flask, person: Callable[..., Api]
) -> None:
    noa = person("Noa", north="admin")
    filed = _published(noa, "Quagga")
    known = KnownRows()
    with app.app_context():
        page = _ask()
    assert noa.patch(f"/incidents/{filed['id']}", {"title": "Quaggas"}, If_Match="*").status_code == 200
    with app.app_context():
        (hit,) = find_visible(somebody(), lambda: page, known=known).hits
        assert hit.content["texts"]["en"]["summary"]["title"] == "Quaggas"
    _hide(noa, filed["id"])
    with app.app_context():
        assert find_visible(somebody(), lambda: page, known=known).hits == []
