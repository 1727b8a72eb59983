"""The form of a draft: what is typed, what an address fills in, what cannot be read."""

import json
import zlib
from base64 import b64encode
from collections.abc import Callable

import pytest

from kb.pages.checks.former_findings import Former, read_former
from tests.support.api import Api
from tests.support.pages import Browser, Page, visitor

VISITORS_ONLY_READ = True

Signed = Callable[..., Browser]
PLACEHOLDER = "Black Friday **** Need copy and link****"
ATTACK = '<script>alert(1)</script>"><img src=x onerror=alert(1)> **** Need copy and link****'


def _check(browser: Browser, text: str, **fields: str) -> Page:
    return browser.send(browser.open("/check"), "Check it", text=text, **fields)


def _packed(text: str) -> str:
    return b64encode(zlib.compress(text.encode())).decode()


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"text": " \n"}, "Paste the draft first"),
        ({"text": "a" * 50_001}, "Split the text"),
        ({"text": "a", "countries": "Narnia"}, "Write names or two-letter codes"),
        ({"text": "a", "when": "soon"}, "Write a day and a time"),
        ({"text": "a", "when": "2027-01-01T10:00", "zone": "../../etc/passwd"}, "Write a day and a time"),
        ({"text": "a", "platform": "orkut"}, "Choose a platform"),
        ({"text": "a\x00b"}, "cannot be published"),
    ],
)
def test_a_form_that_cannot_be_read_keeps_what_was_typed(
    browser: Browser, fields: dict[str, str], advice: str
) -> None:
    page = _check(browser, **fields)
    assert page.status == 422
    alert = page.one("[role=alert] a")
    assert advice in alert.get_text()
    field = page.one(str(alert["href"]))
    assert field["aria-invalid"] == "true"
    assert page.one(f"#{field['aria-describedby']}").get_text() == alert.get_text()
    assert page.one("#text").get_text().strip("\n") == fields["text"].strip("\n")


def test_the_form_begins_with_the_country_of_the_readers_language(anonymous: Api) -> None:
    assert visitor(anonymous, "he").open("/check").one("input#countries")["value"] == "ישראל"
    assert visitor(anonymous, "he").open("/check?countries=").one("input#countries")["value"] == ""
    assert visitor(anonymous, "en").open("/check").one("input#countries")["value"] == ""


@pytest.mark.parametrize("countries", ["USA", "the U.S. and Canada", "us ca", 'ארה"ב', "America; U.K."])
def test_a_country_may_be_written_as_people_write_it(browser: Browser, countries: str) -> None:
    page = _check(
        browser,
        "Everything 20% off!",
        countries=countries,
        when="2027-09-11T12:00",
        zone="America/Chicago",
    )
    assert page.status == 200
    assert "September 11 attacks" in page.text


def test_an_address_fills_in_the_form(browser: Browser) -> None:
    page = browser.open("/check?platform=facebook&account=%40acme&text=hello")
    assert page.one("#platform option[selected]")["value"] == "facebook"
    assert page.one("#account")["value"] == "@acme"
    assert page.one("details.more").has_attr("open")


def test_what_is_pasted_is_text_wherever_it_appears(browser: Browser) -> None:
    fields = dict.fromkeys(("account", "organization", "approvers", "links"), ATTACK)
    page = _check(browser, ATTACK, **fields)
    again = browser.send(page, "Check again", text=f"</textarea>{ATTACK}")
    wrong = browser.send(page, "Check again", text=f"</textarea>{ATTACK}", countries=ATTACK, before=ATTACK)
    assert [answer.status for answer in (page, again, wrong)] == [200, 200, 422]
    for answer in (page, again, wrong):
        assert not answer.soup.select("img, [onerror], body script")
        assert ATTACK in answer.one("#text").get_text()
    assert page.one(".draft").get_text().startswith(ATTACK[:60])
    gone = browser.send(again, "Check again", text="Hello", former=_packed('[["a","stop","","<img src=x>"]]'))
    assert gone.texts(".since del") == ["<img src=x>"]


def test_a_form_from_elsewhere_is_refused(browser: Browser) -> None:
    response = browser.client.post("/check", data={"text": PLACEHOLDER}, headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert "Need copy" not in response.get_data(as_text=True)


def test_hidden_fields_that_cannot_be_read_are_left_out() -> None:
    rows = ["", [1], {}, ["a", "b", "c", "d"], ["a", "stop", "c", "d"], ["a", "stop", "c", 4]]
    assert read_former(_packed(json.dumps(rows))) == [Former("a", "stop", "c", "d")]
    for sent in ("", "[]", "é", "AAAA", _packed("["), _packed("[" * 90_000), _packed("{}")):
        assert read_former(sent) == []
    assert read_former(_packed(json.dumps([["a", "stop", "c", "d" * 9_000_000]]))) == []


def test_whether_the_text_is_kept_is_asked_where_everybody_sees_it(signed_in: Signed) -> None:
    page = signed_in("Dana", north="contributor").open("/check")
    assert page.soup.select("#keep_text")
    assert not page.soup.select("details #keep_text")
    assert not page.soup.select("details.more[open]")


def test_where_and_when_is_folded_until_something_is_said_of_it(browser: Browser) -> None:
    assert "open" not in browser.open("/check?countries=IL").one("details.context").attrs
    for said in ("platform=twitter", "when=2027-05-31T09:00", "account=@acme"):
        assert "open" in browser.open(f"/check?{said}").one("details.context").attrs
    wrong = _check(browser, "Hello", countries="Narnia")
    assert "open" in wrong.one("details.context:has(#countries-error)").attrs


def test_an_answer_asks_for_the_day_until_it_is_said(browser: Browser) -> None:
    bare = _check(browser, "Hello")
    assert bare.link("Say where and when it goes out") == "#platform"
    somewhere = _check(browser, "Hello", countries="Israel")
    assert somewhere.link("Say when it goes out") == "#when"
    dated = _check(browser, "Hello", countries="Israel", when="2027-05-31T09:00", zone="UTC")
    assert dated.texts(".known a[href^='#']") == ["Change"]


def test_a_time_zone_is_that_of_the_browser_until_the_account_has_one(signed_in: Signed) -> None:
    dana = signed_in("Dana", north="contributor")
    assert dana.open("/check").soup.select("#zone[data-own-zone]")
    account = dana.open("/account")
    dana.send(account, "Save", time_zone="Asia/Jerusalem")
    assert not dana.open("/check").soup.select("#zone[data-own-zone]")
