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
