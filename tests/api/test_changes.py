"""GET /changes as Atom, and its parameters."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tests.support.api import Api


def test_the_change_feed_is_available_as_atom(reader: Api) -> None:
    for query in ({"format": "atom"}, {"headers": {"Accept": "application/atom+xml"}}):
        feed = ET.fromstring(reader.get("/changes", limit=3, **query).data)
        atom = "{http://www.w3.org/2005/Atom}"
        entries = [entry.findtext(f"{atom}id") for entry in feed.findall(f"{atom}entry")]
        assert entries == [f"urn:brand-postmortems:changes:{seq}" for seq in (6, 5, 4)]
    feed = ET.fromstring(reader.get("/changes", limit=3, since=1, format="atom").data)
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{atom}link")}
    assert str(links["next"]).endswith("since=4")


@pytest.mark.parametrize("since", ["-1", "x", str(10**30)])
def test_an_invalid_position_is_rejected(reader: Api, since: str) -> None:
    assert reader.get("/changes", since=since).status_code == 422
