"""A visitor who follows every link, of each role and language."""

from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from tests.support.api import Api, callers
from tests.support.pages import Browser, Page, visitor

pytestmark = pytest.mark.no_cover  # calls what other tests call one by one

MAX_ALIKE = 2
"""Addresses that are followed of those of one view with the same names in the query."""

MAX_OF_VIEW = 4
"""Addresses that are followed of one view. Filters can be combined without end."""

MAX_BYTES = 60_000
"""How large a page may be before it is compressed."""

LINKS = {"a": "href", "link": "href", "script": "src", "img": "src", "form": "action"}


def addresses(page: Page) -> Iterator[str]:
    """The addresses of this site that a page leads to by GET, fragments included."""
    for name, attribute in LINKS.items():
        for element in page.soup.find_all(name):
            address = element.get(attribute)
            if address is None or str(element.get("method", "get")).lower() == "post":
                continue
            language = element.select_one("input[name=lang]")
            if language is not None:
                address = f"{address}?lang={language['value']}"
            address = urljoin(page.url, str(address))
            parts = urlsplit(address)
            if parts.scheme in ("", "http", "https") and parts.netloc in ("", "localhost"):
                yield address


def shape(app: Flask, address: str) -> tuple[object, ...]:
    """What addresses of the same kind have in common: the view and the names in the query."""
    parts = urlsplit(address)
    try:
        view, _values = app.url_map.bind("localhost").match(parts.path)
    except HTTPException:
        view = parts.path
    names = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    return (view, "?", *sorted(names - {"lang"}))


def faults(page: Page, language: str) -> list[str]:
    """What a page lacks."""
    soup = page.soup
    ids = Counter(str(element["id"]) for element in soup.select("[id]"))
    title = soup.find("title")
    wrong = {
        "more than 60 kB": len(page.response.data) > MAX_BYTES,
        "no title": title is None or not title.get_text().partition("·")[0].strip(),
        "another language": soup.select_one(f"html[lang={language}][dir]") is None,
        "not one h1": len(soup.select("h1")) != 1,
        "an empty h1": not page.heading if soup.select("h1") else False,
        "the same id twice": any(count > 1 for count in ids.values()),
        "a label of nothing": any(str(label["for"]) not in ids for label in soup.select("label[for]")),
        "a description of nothing": any(
            name not in ids
            for element in soup.select("[aria-describedby], [aria-labelledby]")
            for attribute in ("aria-describedby", "aria-labelledby")
            for name in str(element.get(attribute) or "").split()
        ),
        "an address with a name that means nothing": bool(soup.select(".flash a")),
        "a link to a place that is not there": any(
            link["href"] != "#" and str(link["href"])[1:] not in ids for link in soup.select("a[href^='#']")
        ),
    }
    return [fault for fault, is_there in wrong.items() if is_there]


def crawl(browser: Browser, language: str) -> tuple[list[str], list[str]]:
    """Follow the links from the front page, all in one language. Returns the pages, and what is wrong."""
    start = "/" if language == "en" else f"/?lang={language}"
    waiting, known, alike = [(start, "")], {start}, Counter[tuple[object, ...]]()
    pages, wrong = [], []
    while waiting:
        address, source = waiting.pop(0)
        kind = shape(browser.client.application, address)
        alike[kind] += 1
        alike[kind[:1]] += 1
        if alike[kind] > MAX_ALIKE or alike[kind[:1]] > MAX_OF_VIEW:
            continue
        response = browser.client.get(address, headers={"Accept": "text/html"}, follow_redirects=True)
        if response.status_code != 200:
            wrong.append(f"{address} (from {source}): {response.status_code}")
        if response.mimetype != "text/html" or response.request.path.startswith("/docs"):
            continue
        page = Page(address, response)
        pages.append(address)
        wrong += [f"{address} (from {source}): {fault}" for fault in faults(page, language)]
        for link in addresses(page):
            whole, _fragment = urldefrag(link)
            if whole not in known and language_of(whole) in (None, language):
                known.add(whole)
                waiting.append((whole, address))
    return pages, wrong


def language_of(address: str) -> str | None:
    return dict(parse_qsl(urlsplit(address).query)).get("lang")


@pytest.fixture(scope="module")
def api_of(shared_app: Flask) -> Callable[[str | None], Api]:
    return callers(shared_app)


@pytest.mark.parametrize(
    ("role", "language"),
    [
        (None, "he"),
        ("site_admin", "en"),
        # Of a reader, that no link leads to what only others may see.
        pytest.param("reader", "he", marks=pytest.mark.slow),
        pytest.param("site_admin", "he", marks=pytest.mark.slow),
    ],
)
def test_every_link_leads_to_a_whole_page(
    api_of: Callable[[str | None], Api], role: str | None, language: str
) -> None:
    pages, wrong = crawl(visitor(api_of(role)), language)
    assert not wrong, "\n".join(wrong)
    assert len(pages) > 30
    assert any(address.startswith("/incidents/") for address in pages)
