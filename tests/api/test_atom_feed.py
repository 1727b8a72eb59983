"""GET /changes as Atom: what people read of new and changed incidents."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from tests.support.api import Api, callers
from tests.support.incidents import HEBREW
from tests.support.transactions import executed_statements

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def read_feed(caller: Api, **query: Any) -> ET.Element:
    """The feed, after checking what RFC 4287 requires of every feed."""
    return parse_feed(caller.get("/changes.atom", **query))


def parse_feed(response: TestResponse) -> ET.Element:
    assert (response.status_code, response.mimetype) == (200, "application/atom+xml"), response.text
    feed = ET.fromstring(response.data)
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *entries(feed)):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert element.findtext(f"{ATOM}title")
        assert UUID(value(element, "id").removeprefix("urn:uuid:"))
        assert datetime.fromisoformat(value(element, "updated")).tzinfo
        assert element.findtext(f"{ATOM}author/{ATOM}name")
    assert [link.get("href") for link in feed.findall(f"{ATOM}link[@rel='self']")]
    for entry in entries(feed):
        assert entry.find(f"{ATOM}link[@rel='alternate']") is not None
    assert len({value(entry, "id") for entry in entries(feed)}) == len(entries(feed))
    return feed


def entries(feed: ET.Element) -> list[ET.Element]:
    return feed.findall(f"{ATOM}entry")


def value(element: ET.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


def titles(feed: ET.Element) -> list[str]:
    return [value(entry, "title") for entry in entries(feed)]


def link(feed: ET.Element, relation: str) -> dict[str, str] | None:
    """The query parameters of a link of the feed, None without one."""
    element = feed.find(f"{ATOM}link[@rel='{relation}']")
    return None if element is None else dict(parse_qsl(urlsplit(element.get("href", "")).query))


def test_an_entry_is_an_incident_that_a_person_can_read(admin: Api) -> None:
    filed = admin.file(
        status="published", category="offensive", secondary_categories=["tone-deaf"], platforms=["tiktok"]
    )
    changed = admin.patch(f"/incidents/{filed['id']}", {"severity": 2}, If_Match="*").get_json()
    (entry,) = entries(read_feed(admin, limit=1, lang="en"))
    assert value(entry, "title") == filed["title"]
    assert value(entry, "summary") == f'<p lang="en" dir="ltr">{filed["summary"]}</p>'
    assert (value(entry, "published"), value(entry, "updated")) == (
        filed["published_at"],
        changed["updated_at"],
    )
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Main team"
    labels = {
        (element.get("scheme", "").rpartition(":")[2], element.get("term")): element.get("label")
        for element in entry.findall(f"{ATOM}category")
    }
    assert labels == {
        ("category", "offensive"): "Offensive content",
        ("category", "tone-deaf"): "Tone-deaf content",
        ("platform", "tiktok"): "TikTok",
    }
    links = [(link.get("type"), link.get("href")) for link in entry.findall(f"{ATOM}link[@rel='alternate']")]
    assert links == [
        ("text/html", f"/incidents/{filed['id']}"),
        ("application/json", f"/api/v1/incidents/{filed['id']}"),
    ]


def test_the_latest_change_comes_first_and_each_incident_once(admin: Api) -> None:
    one, two = (admin.file(title=title, status="published")["id"] for title in ("One", "Two"))
    assert titles(read_feed(admin, limit=2)) == ["Two", "One"]
    admin.patch(f"/incidents/{one}", {"severity": 2}, If_Match="*")
    assert titles(read_feed(admin, limit=2)) == ["One", "Two"]
    assert len(entries(read_feed(admin))) == 8
    assert two > one


def test_a_feed_reader_may_ask_by_its_accept_header(reader: Api) -> None:
    feed = parse_feed(reader.get("/changes", headers={"Accept": "application/atom+xml"}))
    assert len(entries(feed)) == 6
    assert link(feed, "self") == {}


def test_ids_belong_to_the_installation_and_survive_a_restart(app: Flask, settings: Settings) -> None:
    def ids(of: Flask) -> list[str]:
        feed = read_feed(callers(of)())
        return [value(element, "id") for element in (feed, *entries(feed))]

    before = ids(app)
    assert ids(create_app(settings)) == before
    with app.app_context():
        db.session.execute(text("UPDATE change_counter SET database = '0123456789abcdef0123456789abcdef'"))
        db.session.commit()
    elsewhere = ids(app)
    assert len(elsewhere) == len(before)
    assert not set(before) & set(elsewhere)


def test_an_entry_keeps_its_id_in_every_feed_and_language_and_each_feed_has_its_own(reader: Api) -> None:
    feeds = [read_feed(reader, **query) for query in ({}, {"category": "offensive"}, {"lang": "he"})]
    assert len({value(feed, "id") for feed in feeds}) == 3
    of_all, of_one, hebrew = ({value(entry, "id") for entry in entries(feed)} for feed in feeds)
    assert of_one < of_all == hebrew
    assert value(read_feed(reader, limit=1), "id") == value(feeds[0], "id")


@pytest.mark.parametrize("query", [{}, {"category": "tone-deaf,offensive", "lang": "he"}])
def test_next_leads_to_older_entries_until_there_are_none(
    any_role: Callable[..., Api], query: dict[str, str]
) -> None:
    reader = any_role()
    expected = titles(read_feed(reader, **query))
    pages = [read_feed(reader, limit=2, **query)]
    while (following := link(pages[-1], "next")) is not None:
        assert {**query, "limit": "2"}.items() <= following.items()
        pages.append(parse_feed(reader.get("/changes.atom", **following)))
    assert [title for page in pages for title in titles(page)] == expected
    assert len({value(page, "id") for page in pages}) == 1
    assert [link(page, "first") for page in pages] == [link(pages[0], "self")] * len(pages)
    times = [value(entry, "updated") for page in pages for entry in entries(page)]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    "cursor", ["x", "WyIyMDE4IiwxXQ", "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwxXQ", "WzEsMl0"]
)
def test_an_invalid_cursor_is_rejected(reader: Api, cursor: str) -> None:
    refused = reader.get("/changes.atom", cursor=cursor)
    assert (refused.status_code, refused.get_json()["errors"][0]["parameter"]) == (422, "cursor")


def test_an_unchanged_feed_is_not_sent_again(as_role: Callable[..., Api]) -> None:
    admin, stranger = as_role("site_admin"), as_role()
    first = stranger.get("/changes.atom")
    condition = {"If-None-Match": first.headers["ETag"]}

    def status(caller: Api, **query: str) -> int:
        return caller.get("/changes.atom", headers=condition, **query).status_code

    path = f"/incidents/{admin.file()['id']}"
    assert status(stranger) == 304  # a draft is nothing new to a stranger
    assert (status(stranger, lang="he"), status(stranger, severity="3")) == (200, 200)
    admin.patch(path, {"status": "published"}, If_Match="*")
    assert status(stranger) == 200


def test_an_empty_feed_has_a_date_of_its_own(reader: Api) -> None:
    one, two = (read_feed(reader, tag="nobody-has-this", **language) for language in ({}, {"lang": "he"}))
    assert entries(one) == entries(two) == []
    assert value(one, "updated") == value(two, "updated")
    assert "2020" < value(one, "updated") <= value(read_feed(reader), "updated")


@pytest.mark.parametrize(
    "query",
    [
        {"category": "tone-deaf"},
        {"platform": "twitter", "severity_min": "3"},
        {"from": "2018", "to": "2018-05"},
        {"organization": "mcdonalds"},
        {"language": "he"},
        {"group": "category:offensive|wrong-account"},
        {"known": "severity"},
        {"within_from": "2018-01-01"},
        {"published_before": "2001-01-01T00:00:00Z"},
        {"kind": "near_miss"},
    ],
)
def test_the_filters_of_the_list_work_on_the_feed(reader: Api, query: dict[str, str]) -> None:
    listed = reader.get("/incidents", lang="en", **query).get_json()["items"]
    feed = read_feed(reader, lang="en", **query)
    assert sorted(titles(feed)) == sorted(item["title"] for item in listed)
    ((name, text), *_) = query.items()
    assert f"{name}: {text}" in value(feed, "title")


def test_an_unknown_filter_or_term_is_named(reader: Api) -> None:
    assert "mood" in reader.get("/changes.atom", mood="sad").text
    assert "Did you mean 'twitter'?" in reader.get("/changes.atom", platform="twiter").text


def test_the_feed_and_the_changes_refuse_the_parameters_of_each_other(reader: Api) -> None:
    for query in ({"category": "tone-deaf"}, {"from": "2018"}, {"cursor": "x"}, {"lang": "he"}):
        refused = reader.get("/changes", **query)
        assert (refused.status_code, refused.get_json()["errors"][0]["parameter"]) == (422, next(iter(query)))
    refused = reader.get("/changes.atom", since=3)
    assert (refused.status_code, refused.get_json()["errors"][0]["parameter"]) == (422, "since")


def test_format_atom_is_the_feed_of_everything(reader: Api) -> None:
    assert reader.get("/changes", format="atom").data == reader.get("/changes.atom").data
    assert len(entries(parse_feed(reader.get("/changes", format="atom", limit=2)))) == 2


def test_only_published_incidents_that_the_reader_may_see_are_entries(as_role: Callable[..., Api]) -> None:
    north, south, stranger = as_role("reviewer", team="north"), as_role("reader", team="south"), as_role()
    north.file(title="draft")
    north.file(title="internal", status="published", visibility="team")
    for title in ("withdrawn", "reopened", "closed", "merged"):
        path = f"/incidents/{north.file(title=title, status='published')['id']}"
        if title == "withdrawn":
            north.delete(path, If_Match="*")
        elif title == "reopened":
            north.step(path, "reopen")
        elif title == "merged":
            merged = north.post(f"{path}/duplicate-of/1", {}, If_Match="*")
            assert merged.status_code == 200
        else:
            north.patch(path, {"visibility": "team"}, If_Match="*")
    new = {"draft", "internal", "withdrawn", "reopened", "closed"}
    for caller, seen, by_status in (
        (stranger, set(), set()),
        (south, set(), set()),
        (north, {"internal", "closed"}, {"draft", "reopened"}),
    ):
        assert new & set(titles(read_feed(caller))) == seen
        assert new & set(titles(read_feed(caller, status="draft,in_review"))) == by_status


def test_markup_and_characters_that_xml_forbids_are_harmless(admin: Api, app: Flask) -> None:
    filed = admin.file(
        title="<b>\"A\" & 'B'</b> ]]>",
        summary="One <script>alert(1)</script> & two.\n\nThree\nfour.",
        status="published",
    )
    (entry,) = entries(read_feed(admin, limit=1))
    assert value(entry, "title") == filed["title"]
    assert value(entry, "summary") == (
        '<p lang="en" dir="ltr">One &lt;script&gt;alert(1)&lt;/script&gt; &amp; two.</p>'
        '<p lang="en" dir="ltr">Three<br>four.</p>'
    )
    with app.app_context():  # a release before this one may have stored it
        update = text("UPDATE incident_text SET title = :title WHERE incident_id = :id")
        db.session.execute(update, {"title": "a\x0bb\x00c\uffffd", "id": filed["id"]})
        db.session.commit()
    (entry,) = entries(read_feed(admin, limit=1))
    assert value(entry, "title") == "a\ufffdb\ufffdc\ufffdd"


def test_a_feed_in_hebrew_is_marked_as_such(admin: Api) -> None:
    path = f"/incidents/{admin.file(status='published')['id']}"
    admin.put(f"{path}/translations/he", {**HEBREW, "lessons": []}, If_Match="*")
    for options in ({"lang": "he"}, {"headers": {"Accept-Language": "he-IL"}}):
        feed = read_feed(admin, limit=1, **options)
        (entry,) = entries(feed)
        title, summary = entry.find(f"{ATOM}title"), entry.find(f"{ATOM}summary")
        assert title is not None
        assert summary is not None
        assert (title.text, title.get(LANG)) == (HEBREW["title"], "he")
        assert summary.text == f'<p lang="he" dir="rtl">{HEBREW["summary"]}</p>'
        assert feed.get(LANG) == "he"
        assert re.search("[א-ת]", value(feed, "title"))
        category = entry.find(f"{ATOM}category")
        assert category is not None
        assert re.search("[א-ת]", category.get("label", ""))


def test_a_longer_page_takes_no_more_queries(shared_app: Flask, reader: Api) -> None:
    read_feed(reader)  # the first request of a process reads what later ones share
    counts = []
    with shared_app.app_context():
        engine = db.engine
    for limit in (1, 6):
        with executed_statements(engine) as statements:
            assert len(entries(read_feed(reader, limit=limit))) == limit
        counts.append(len(statements))
    assert counts[0] == counts[1]
