"""What is typed is text wherever it is shown, and no form works from another site."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from urllib.parse import quote

import pytest
from bs4 import Tag
from flask import Flask

from tests.support.accounts import sign_in, sign_up
from tests.support.api import Api
from tests.support.incidents import FULL_INCIDENT, lesson_guard
from tests.support.pages import Browser, Page, visitor

ATTACK = (
    '</script></title></textarea><script>alert(1)</script><img src=x onerror=alert(2)>\' " onclick="alert(3)'
)
FIELDS = (
    "title",
    "summary",
    "why_failure",
    "cause",
    "outcome",
    "alternative",
    "audience",
    "severity_evidence",
)
ADDRESSES = (
    "/",
    "/search?q={attack}",
    "/search?q=attack&tag={attack}&category={attack}",
    "/search?from={attack}",
    "/incidents?organization={attack}",
    "/trends?from={attack}",
    "/trends?organization={attack}",
    "/calendar?month={attack}&country={attack}",
    "/check?text={attack}&account={attack}&platform={attack}",
    "/guards/{attack}",
    "/topics/{attack}",
    "/categories/{attack}",
    "/no/{attack}",
    "/sign-in?next={attack}",
    "/account?lang={attack}",
)
"""Pages that repeat what is in their address, or what is filed."""


def live_markup(page: Page) -> list[str]:
    """Elements and attributes that our templates never write."""
    return [str(element)[:200] for element in page.soup.find_all(_is_live)]


def _is_live(element: Tag) -> bool:
    handlers = [name for name in element.attrs if name.startswith("on") or name == "style"]
    addresses = [
        str(element.get(name, "")).strip().lower() for name in ("href", "src", "action", "formaction")
    ]
    is_script = element.name == "script" and not (
        str(element.get("src", "")).startswith("/static/") or element.get("type") == "application/ld+json"
    )
    is_foreign = element.name in ("img", "iframe", "object", "embed", "base", "style")
    return bool(
        handlers
        or is_script
        or is_foreign
        or any(each.startswith(("javascript:", "data:")) for each in addresses)
    )


def shown(browser: Browser, path: str) -> Page:
    """Open a page that must be without live markup."""
    page = browser.open(path.format(attack=quote(ATTACK, safe="")))
    assert page.status < 500, path
    assert not live_markup(page), path
    return page


def test_an_address_is_repeated_as_text(browser: Browser) -> None:
    for path in ADDRESSES:
        shown(browser, path)


@pytest.mark.no_cover
def test_what_is_filed_is_text_on_every_page_that_shows_it(admin: Api, browser: Browser) -> None:
    guard = lesson_guard(message={"en": ATTACK, "he": ATTACK}, suggestion={"en": ATTACK, "he": ATTACK})
    about = {"kind": "market_value", "amount": 1, "currency": "USD", "alleged": True, "source": ATTACK}
    source = {"title": ATTACK, "publisher": ATTACK, "url": "https://example.org/?a=%22", "kind": "social"}
    texts = dict.fromkeys((*FIELDS, "organization"), ATTACK)
    facts = {"visibility": "organization", "tags": [ATTACK[:40]], "sources": [source], "impacts": [about]}
    lessons = [{"text": ATTACK, "guard": guard}]
    filed = admin.file(**{**FULL_INCIDENT, **texts, **facts, "lessons": lessons, "status": "published"})
    path = f"/incidents/{filed['id']}"
    admin.patch(path, {"title": f"2 {ATTACK}"}, If_Match=admin.get(path).headers["ETag"])
    member = visitor(admin)
    lesson = filed["lessons"][0]["id"]
    for address in (
        "/",
        "/incidents",
        "/search?q=alert",
        path,
        "/trends",
        "/guards",
        f"/guards/lesson:{lesson}",
    ):
        for page in (shown(browser, address), shown(member, address), shown(member, in_hebrew(address))):
            assert page.status == 200, address
    assert ATTACK in shown(browser, path).heading
    for address in (f"{path}/history", f"{path}/history/1..2", f"/guards/lesson:{lesson}/backtest"):
        assert shown(member, address).status == 200, address
    found = browser.send(browser.open("/check"), "Check it", text=f"Need copy {ATTACK}")
    assert not live_markup(found)
    assert ATTACK in found.one(".draft").get_text()
    assert any(ATTACK in finding.get_text() for finding in found.soup.select(".finding"))


def in_hebrew(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang=he"


def test_names_reasons_and_files_are_text(admin: Api, anonymous: Api) -> None:
    sign_up(admin, name=ATTACK[:100])
    token = sign_in(anonymous).get_json()["token"]
    browser = visitor(replace(anonymous, token=token))
    draft = f"Black Friday **** Need copy and link**** {ATTACK}"
    result = browser.send(browser.open("/check"), "Check it", text=draft, keep_text="true", account=ATTACK)
    receipt = browser.send(result, "Go ahead anyway", reason=ATTACK)
    for page in (result, receipt, shown(browser, "/checks"), shown(browser, "/account")):
        assert page.status == 200
        assert not live_markup(page)
        assert "<script>alert(1)" in page.soup.get_text()
    rows = f'Date,Copy,Channel\n2027-05-06,"{draft.replace(chr(34), chr(34) * 2)}","<img src=x>"\n'
    for content in (rows, f"{ATTACK}\nx\n"):
        file = (BytesIO(content.encode()), f"{ATTACK.replace('/', '')}.csv")
        page = browser.send(browser.open("/check/calendar"), "Check the calendar", file=file)
        assert not live_markup(page)


def test_what_is_imported_and_what_is_said_of_it_is_text(admin: Api) -> None:
    browser = visitor(admin)
    rows = [{"organization": ATTACK, "title": ATTACK, "category": "offensive", "summary": ATTACK}] * 2
    body = "".join(f"{json.dumps(row)}\n" for row in [*rows, {**rows[0], "category": ATTACK, ATTACK: 1}])
    file = (BytesIO(body.encode()), f"{ATTACK.replace('/', '')}.jsonl")
    page = browser.send(browser.open("/imports"), "Try the file", file=file)
    for _attempt in range(100):
        if "may be the same" in page.text:
            break
        page = browser.open(page.url)
    assert "alert(1)" in page.text
    assert not live_markup(page)
    mapping = browser.send(browser.open("/imports"), "Try the file", file=file_of(body), mapping=ATTACK)
    assert ATTACK in mapping.one("#mapping").get_text()
    for each in (mapping, shown(browser, "/imports"), shown(browser, f"{page.url}?lang=he")):
        assert not live_markup(each)


def file_of(body: str) -> tuple[BytesIO, str]:
    return BytesIO(body.encode()), "a.jsonl"


def of_pages(app: Flask, method: str) -> Iterator[str]:
    """An address of every view of pages that answers a method."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("pages.") and method in (rule.methods or ()):
            yield re.sub(r"<int:\w+>", "1", rule.rule).replace("<namespace>", "platform")


@pytest.mark.no_cover
def test_no_form_works_without_the_token_of_its_page(admin: Api) -> None:
    browser = visitor(admin)
    addresses = [
        re.sub(r"<[\w:]+>", "unfinished-text", path) for path in of_pages(admin.client.application, "POST")
    ]
    assert len(addresses) > 10
    for address in addresses:
        for data in ({}, {"csrf_token": "made-up"}):
            response = browser.client.post(address, data=data, headers={"Accept": "text/html"})
            assert response.status_code == 400, address


@pytest.mark.no_cover
def test_every_page_says_what_browsers_may_do_with_it(admin: Api) -> None:
    browser = visitor(admin)
    paths = [re.sub(r"<[\w:]+>", "unknown", path) for path in of_pages(admin.client.application, "GET")]
    for path in (*paths, "/no-such-page", "/sign-out"):
        headers = browser.client.get(path, headers={"Accept": "text/html"}).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), path
