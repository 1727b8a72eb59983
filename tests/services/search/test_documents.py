"""Index documents hold what an incident is found by beside its texts."""

from __future__ import annotations

import pytest
from flask import Flask

from kb.search.whoosh_engine.format.layout import keyword_term, keyword_terms
from kb.services.search.documents import load_documents
from tests.support.api import Api


@pytest.mark.parametrize(
    ("occurred_on", "found"),
    [
        ("2023-10-07", ("oct-7", "simchat-torah")),
        ("2013-12-07", ("pearl-harbor",)),
        ("2013-12-17", ()),
        ("2013-12", ()),
        ("2013", ()),
    ],
)
def test_an_incident_is_indexed_under_the_observances_of_its_day(
    app: Flask, admin: Api, occurred_on: str, found: tuple[str, ...]
) -> None:
    number = admin.file(title="Zebra", occurred_on=occurred_on)["id"]
    with app.app_context():
        (document,) = load_documents([number])
    assert document.observances == found
    terms = {term for term in keyword_terms(document) if term.startswith(keyword_term("observance", ""))}
    assert terms == {keyword_term("observance", key) for key in found}


@pytest.mark.parametrize(
    ("query", "day"),
    [
        ("כריסמס", "2019-12-25"),
        ("Mothers' Day", "2019-05-12"),
        ("ליום האם", "2019-05-12"),
        ("יום השואה", "2019-05-02"),
        ("Holocaust Remembrance Day", "2019-05-02"),
        ("11 בספטמבר", "2019-09-11"),
        ("9/11", "2019-09-11"),
        ("sept 11", "2019-09-11"),
        ("רמדן", "2019-05-06"),
        ("black friday", "2019-11-29"),
        ("אחד באפריל", "2019-04-01"),
    ],
)
def test_an_incident_on_a_day_is_found_by_its_name_below_one_that_names_it(
    admin: Api, query: str, day: str
) -> None:
    named = admin.file(title=f"Zebra: {query}", language="en", occurred_on="2019-08-20")["id"]
    on_day = admin.file(title="Heron", occurred_on=day)["id"]
    other = admin.file(title="Lion", occurred_on="2019-08-21")["id"]
    items = admin.get("/search", q=query, limit="50").get_json()["items"]
    found = [item["incident"]["id"] for item in items if item["incident"]["id"] in (named, on_day, other)]
    assert found[:2] == [named, on_day]


def test_a_hit_that_is_found_by_its_day_shows_which(admin: Api) -> None:
    admin.file(title="Flowers", occurred_on="2019-05-12", status="published")
    items = admin.get("/search", q="יום האם", lang="en").get_json()["items"]
    (item,) = (item for item in items if item["incident"]["title"] == "Flowers")
    assert item["highlights"]["occurred_on"] == "<mark>Mother's Day</mark>".replace("'", "&#x27;")
