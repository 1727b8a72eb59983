"""A cookie of another application that is not ASCII hides the cookies of this service: the pages say so."""

from __future__ import annotations

from kb.web.headers import UNREADABLE
from tests.support.api import Api
from tests.support.pages import visitor


def test_a_visitor_whose_cookies_cannot_be_read_is_told_how_to_sign_in(dana: Api) -> None:
    headers = {"Accept": "text/html", "Cookie": UNREADABLE}
    client = dana.client.application.test_client(use_cookies=False)
    read = client.get("/incidents", headers=headers)
    sent = client.post("/sign-in", data={"email": "dana@example.com"}, headers=headers)
    assert (read.status_code, sent.status_code) == (200, 400)
    for response in (read, sent):
        assert "Delete the cookies of this address" in response.get_data(as_text=True)
    assert "Delete the cookies" not in visitor(dana).open("/incidents").response.get_data(as_text=True)
