"""How pages and their files are sent: who may keep them, and in which form."""

import gzip
import re

import pytest

from tests.support.api import Api
from tests.support.pages import Browser, visitor

YEAR = "public, max-age=31536000, immutable"


@pytest.mark.parametrize("selector", ["link[rel=stylesheet]", "script[src]", "link[rel=icon]"])
def test_a_file_is_kept_for_a_year_and_is_compressed(browser: Browser, selector: str) -> None:
    element = browser.open("/").one(selector)
    address = str(element.get("href") or element["src"])
    plain = browser.client.get(address, headers={"Accept-Encoding": "identity"})
    packed = browser.client.get(address, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    for response in (plain, packed):
        assert response.headers["Cache-Control"] == YEAR
        assert response.headers["Vary"] == "Accept-Encoding"
        assert "Set-Cookie" not in response.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data)


def test_a_font_has_an_address_in_the_style_sheet_that_changes_with_it(browser: Browser) -> None:
    address = str(browser.open("/").one("link[rel=stylesheet]")["href"])
    fonts = re.findall(r"url\(\.\.(/[^)]+\.woff2)\)", browser.client.get(address).text)
    assert fonts
    for font in fonts:
        response = browser.client.get(f"/static{font}")
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == YEAR
        assert "Content-Encoding" not in response.headers


def test_a_file_that_is_no_longer_like_that_is_not_sent(browser: Browser) -> None:
    address = str(browser.open("/").one("link[rel=stylesheet]")["href"])
    changed = browser.client.get(re.sub(r"/static/\w+/", "/static/0123456789ab/", address))
    assert changed.status_code == 404
    assert changed.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("address", ["/", "/search?q=photo", "/incidents/3", "/sign-in", "/nothing-here"])
def test_a_page_is_for_one_reader_in_one_language(browser: Browser, admin: Api, address: str) -> None:
    for reader in (browser, visitor(admin)):
        headers = reader.open(address).response.headers
        assert headers["Cache-Control"] == "private, no-cache"
        assert {"Cookie", "Accept-Language", "Accept-Encoding"} <= {*headers["Vary"].split(", ")}


def test_where_somebody_is_sent_to_sign_in_is_not_kept_for_others(browser: Browser) -> None:
    response = browser.client.get("/checks", headers={"Accept": "text/html"})
    assert response.status_code == 303
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response.headers["Vary"]
