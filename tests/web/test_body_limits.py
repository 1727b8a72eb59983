"""A form has at most so many fields, which are counted before they are told apart."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from kb.web.body_limits import MAX_FORM_FIELDS, BoundedRequest


def form_of(count: int, body: str | None = None) -> BoundedRequest:
    """A request with a form of so many fields."""
    data = urlencode([(f"field {number}", "&=") for number in range(count)]) if body is None else body
    builder = EnvironBuilder(method="POST", data=data, content_type="application/x-www-form-urlencoded")
    return BoundedRequest(builder.get_environ())


def test_a_form_with_as_many_fields_as_it_may_have_is_read() -> None:
    form = form_of(MAX_FORM_FIELDS).form
    assert len(form) == MAX_FORM_FIELDS
    assert set(form.values()) == {"&="}


@pytest.mark.parametrize("body", [None, "&" * MAX_FORM_FIELDS])
def test_a_form_with_more_fields_is_refused(body: str | None) -> None:
    with pytest.raises(RequestEntityTooLarge):
        _ = form_of(MAX_FORM_FIELDS + 1, body).form


def test_a_page_says_that_a_form_with_far_more_fields_is_too_much(app: Flask) -> None:
    page = app.test_client().post("/sign-in", data={f"field {number}": "x" for number in range(60_000)})
    assert page.status_code == 413
    assert "That is too much at once" in page.text
