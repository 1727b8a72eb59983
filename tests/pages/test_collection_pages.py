"""Collections in the pages: read by everybody, added, updated and taken out by site administrators."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from kb.services.exchange.collections.shipped import shipped_heads, shipped_incidents
from tests.support.api import Api
from tests.support.collections import HEAD, case, collection, ship
from tests.support.pages import Browser, Page, visitor


@pytest.fixture
def browser(admin: Api) -> Browser:
    """A site administrator's."""
    return visitor(admin)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Let a small collection come with the program."""
    return lambda *incidents, **head: ship(tmp_path / "seeds", monkeypatch, *incidents, **head)


def documents(*incidents: Any, **changes: Any) -> bytes:
    """A collection as YAML documents."""
    return yaml.safe_dump_all([{**HEAD, **changes}, *incidents], allow_unicode=True).encode()


def send_file(browser: Browser, content: bytes, name: str = "examples.yaml") -> Page:
    """Choose a file on the page for it, and have it checked."""
    return browser.send(
        browser.open("/collections/file/new"), "Check the file", file=(BytesIO(content), name)
    )


def add_examples(admin: Api) -> None:
    assert admin.put("/collections/examples", collection(case("one"), case("two"))).status_code == 201


def test_everybody_sees_which_collections_there_are(as_role: Callable[..., Api]) -> None:
    count, version = shipped_incidents("public-cases"), shipped_heads()["public-cases"]["version"]
    for api in (as_role(), as_role("reader")):
        page = visitor(api).open("/collections")
        assert f"Public cases {count} incidents version {version} not added yet" in page.text
        assert "from a file" not in page.text
        one = visitor(api).follow(page, "Public cases")
        assert "They are listed here once the collection is added." in one.text
        assert not one.soup.select("main form")


def test_hebrew_readers_see_hebrew_titles(as_role: Callable[..., Api]) -> None:
    page = visitor(as_role(), "he").open("/collections")
    assert "מקרים פומביים" in page.text
    assert page.heading == "אוספים"


def test_administrators_find_collections_in_their_menu(browser: Browser, as_role: Callable[..., Api]) -> None:
    assert browser.follow(browser.open("/"), "Collections").heading == "Collections"
    assert "Collections" not in visitor(as_role("admin")).open("/").texts(".menu a")


def test_a_collection_is_added_once_its_counts_were_seen(browser: Browser, small: Callable[..., str]) -> None:
    small(case("one"), case("two"))
    page = browser.follow(browser.open("/collections"), "Examples")
    tried = browser.send(page, "See what adding it would change")
    assert "Nothing has been changed yet." in tried.text
    assert tried.texts(".tally tr") == ["New incidents, published at once 2"]
    assert "not added yet" in browser.open("/collections").text
    added = browser.send(tried, "Add it")
    assert added.url == "/collections/small"
    assert "Done. New incidents, published at once: 2." in added.text
    assert sorted(added.texts(".listed-incidents td a")) == ["The case one", "The case two"]
    assert browser.follow(added, "The case one").heading == "The case one"


def test_an_update_says_what_it_keeps_and_why(
    browser: Browser, admin: Api, small: Callable[..., str]
) -> None:
    key = small(case("one"), case("two"))
    admin.post("/collections", {"key": key})
    (one, _two) = admin.get("/incidents", collection=key).get_json()["items"]
    admin.patch(f"/incidents/{one['id']}", {"severity": 4}, If_Match="*")
    small(case("one"), case("two"), case("three"), version="2")
    assert "update to 2 available" in browser.open("/collections").text
    page = browser.open(f"/collections/{key}")
    tried = browser.send(page, "See what the update would change")
    assert tried.heading == "Update to version 2?"
    assert "Incidents that stay as people left them 1" in tried.texts(".tally tr")
    assert [text.endswith("people have edited it") for text in tried.texts(".rows li")] == [True]
    updated = browser.send(tried, "Update it")
    assert "up to date" in updated.text
    assert len(updated.texts(".listed-incidents td a")) == 3


def test_a_collection_is_taken_out_with_what_people_work_with_only_if_asked(
    browser: Browser, admin: Api
) -> None:
    add_examples(admin)
    (one, _two) = admin.get("/incidents", collection="examples").get_json()["items"]
    admin.post(f"/incidents/{one['id']}/comments", {"text": "Is this so?"})
    page = browser.open("/collections/examples")
    tried = browser.send(page, "See what taking it out would change")
    assert "Incidents that are withdrawn 1" in tried.texts(".tally tr")
    assert "it has comments" in tried.text
    all_of_it = browser.send(tried, "See what would happen if these go, too")
    assert all_of_it.texts(".tally tr") == ["Incidents that are withdrawn 2"]
    out = browser.send(all_of_it, "Take it out")
    assert "taken out" in out.text
    assert out.texts(".listed-incidents td a") == []
    assert admin.get("/incidents", collection="examples").get_json()["items"] == []


def test_what_people_work_with_stays_unless_it_is_asked_for(browser: Browser, admin: Api) -> None:
    add_examples(admin)
    (one, _two) = admin.get("/incidents", collection="examples").get_json()["items"]
    admin.post(f"/incidents/{one['id']}/comments", {"text": "Is this so?"})
    tried = browser.send(browser.open("/collections/examples"), "See what taking it out would change")
    out = browser.send(tried, "Take it out")
    assert out.texts(".listed-incidents td a") == [one["title"]]


def test_a_file_is_checked_tried_and_added(browser: Browser, admin: Api) -> None:
    tried = send_file(browser, documents(case("one")), "האוסף שלנו.yaml")
    assert tried.heading == "Add the collection?"
    assert "CC BY 4.0" in tried.text
    assert admin.get("/collections/examples").status_code == 404
    added = browser.send(tried, "Add it")
    assert added.url == "/collections/examples"
    assert added.texts(".listed-incidents td a") == ["The case one"]
    newer = send_file(browser, documents(case("one"), case("two"), version="2"))
    assert newer.heading == "Update to version 2?"
    assert "Send a newer version" in browser.send(newer, "Update it").text


def test_json_lines_are_taken_as_well(browser: Browser) -> None:
    lines = "\n".join(json.dumps(each) for each in (HEAD, case("one"))).encode()
    assert send_file(browser, lines, "examples.jsonl").heading == "Add the collection?"


def test_the_problems_of_a_file_are_told_by_place_and_field(browser: Browser, admin: Api) -> None:
    page = send_file(
        browser, documents(case("one", severity=9), case("two", category="tone-deff"), version="")
    )
    assert page.status == 422
    assert "examples.yaml has 3 problems." in page.text
    assert page.texts(".problems dt") == [
        "examples.yaml, document 1", "examples.yaml, document 2", "examples.yaml, document 3",
    ]  # fmt: skip
    assert page.texts(".problems code") == ["/version", "/severity", "/category"]
    assert "Did you mean 'tone-deaf'?" in page.text
    assert admin.get("/collections/examples").status_code == 404


def test_only_some_of_very_many_problems_are_shown(browser: Browser) -> None:
    page = send_file(browser, documents(*(case(f"case-{number}", severity=9) for number in range(60))))
    assert len(page.texts(".problems dd")) == 50
    assert "10 more are not shown." in page.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.txt", b"notes", "the name of one ends in .yaml"),
        ("a.yaml", b"key: [", "This is not readable YAML"),
        ("a.yaml", b"", "Choose the file of a collection."),
        ("a.yaml", b"key: a", "The collection has no incidents"),
    ],
)
def test_a_file_that_is_no_collection_says_so(browser: Browser, name: str, content: bytes, said: str) -> None:
    page = send_file(browser, content, name)
    assert (page.status, said in page.texts(".problem")[0]) == (422, True)
    assert said in page.texts("#file-error")[0]
    assert page.one("#file")["aria-invalid"] == "true"


def test_a_file_that_has_become_invalid_meanwhile_changes_nothing(browser: Browser, admin: Api) -> None:
    tried = send_file(browser, documents(case("one")))
    damaged = browser.send(tried, "Add it", content="not a file")
    assert (damaged.status, "Choose it once more." in damaged.text) == (422, True)
    admin.put("/collections/examples", collection({**case("one"), "language": "he"}))
    refused = browser.send(tried, "Add it")
    assert (refused.status, "the original's language cannot change" in refused.text) == (422, True)


def test_a_file_larger_than_other_forms_is_taken_from_administrators_only(
    browser: Browser, as_role: Callable[..., Api]
) -> None:
    large = documents(*(case(f"case-{number}", summary=f"{number} word " * 900) for number in range(150)))
    assert 1_000_000 < len(large) < 2_000_000
    tried = send_file(browser, large)
    assert (tried.status, tried.texts(".tally tr")) == (200, ["New incidents, published at once 150"])
    stranger = visitor(as_role("reader"))
    refused = stranger.client.post("/collections/file/new", data={"file": (BytesIO(large), "a.yaml")})
    assert refused.status_code == 413


def test_who_may_not_change_collections_gets_nowhere(as_role: Callable[..., Api], admin: Api) -> None:
    add_examples(admin)
    reader = visitor(as_role("reader"))
    token = reader.open("/check").one("main input[name=csrf_token]")["value"]
    for path in ("examples/add/try", "examples/add", "examples/remove/try", "examples/remove"):
        answer = reader.client.post(f"/collections/{path}", data={"csrf_token": token})
        assert answer.status_code == 403, path
    assert reader.open("/collections/file/new").status == 403


def test_what_is_not_there_is_not_found(browser: Browser, admin: Api) -> None:
    add_examples(admin)
    assert browser.open("/collections/none").status == 404
    token = browser.open("/collections/examples").one("main input[name=csrf_token]")["value"]
    for path in ("none/add", "none/add/try", "examples/add", "none/remove", "public-cases/remove/try"):
        answer = browser.client.post(f"/collections/{path}", data={"csrf_token": token})
        assert answer.status_code == 404, path


def test_an_incident_names_its_collection_and_leads_to_the_others(
    as_role: Callable[..., Api], admin: Api
) -> None:
    add_examples(admin)
    (one, _two) = admin.get("/incidents", collection="examples").get_json()["items"]
    reader = visitor(as_role())
    page = reader.open(f"/incidents/{one['id']}")
    assert "From the collection Examples ." in page.text
    found = reader.follow(page, "Examples")
    assert sorted(found.texts(".hit h2")) == ["The case one", "The case two"]
    assert found.texts(".chips li")[0].startswith("Collection: Examples")
    assert reader.follow(found, "Collection: Examples").url == "/search"
    assert "Where to ask for a correction" in reader.follow(page, "Where to ask for a correction").text
    assert "From the collection" not in reader.open("/incidents/3").text


def test_search_and_trends_are_narrowed_to_a_collection(as_role: Callable[..., Api], admin: Api) -> None:
    add_examples(admin)
    reader = visitor(as_role())
    found = reader.open("/search")
    narrowed = reader.follow(found, "Examples 2")
    assert narrowed.url == "/search?collection=examples"
    trends = reader.open("/trends?collection=examples")
    assert trends.texts(".chips li")[0].startswith("Collection: Examples")
    unknown = reader.open("/search?collection=unknown")
    assert unknown.texts(".chips li")[0].startswith("Collection: unknown")
