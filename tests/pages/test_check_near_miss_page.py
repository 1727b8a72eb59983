"""A problem that a check caught is filed as a near miss."""

from collections.abc import Callable

import pytest

from tests.support.api import Api
from tests.support.pages import Browser, Page, visitor

Signed = Callable[..., Browser]
PLACEHOLDER = "Black Friday **** Need copy and link****"


def _check(browser: Browser, text: str, **fields: str) -> Page:
    return browser.send(browser.open("/check"), "Check it", text=text, **fields)


@pytest.mark.parametrize("keep_text", ["true", ""])
def test_a_near_miss_is_filed_in_two_clicks(signed_in: Signed, keep_text: str) -> None:
    dana = signed_in("Dana", north="contributor")
    page = _check(dana, PLACEHOLDER, organization="Acme", keep_text=keep_text)
    form = dana.follow(page, "File it as a near miss")
    assert form.one("#organization")["value"] == "Acme"
    incident = dana.send(form, "File it as a draft")
    assert incident.url.startswith("/incidents/")
    assert "Caught before publication" in incident.heading
    for again in (dana.send(form, "File it as a draft"), dana.follow(page, "File it as a near miss")):
        assert again.url == incident.url
        assert again.texts("[role=status]") == ["This check is filed already: here it is."]


def test_a_near_miss_that_lacks_something_is_not_filed_and_one_without_a_lesson_is(
    person: Callable[..., Api],
) -> None:
    api = person("Dana", north="contributor")
    dana = visitor(api)
    form = dana.follow(_check(dana, PLACEHOLDER), "File it as a near miss")
    refused = dana.send(form, "File it as a draft", title="Ours", category="")
    assert refused.status == 422
    assert refused.texts("[role=alert] a") == [
        "Write the name of the organization, in at most 200 characters.",
        "Choose what kind of failure it would have been.",
    ]
    assert refused.one("#title")["value"] == "Ours"
    filed = dana.send(form, "File it as a draft", organization="Acme", lesson="")
    assert api.get(filed.url).get_json()["lessons"] == []
    assert refused.url == form.url
