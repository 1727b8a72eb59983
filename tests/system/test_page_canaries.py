"""Pages reveal nothing of hidden incidents: the word that occurs only in those is looked for everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.api import Api
from tests.support.canaries import CANARY, hide_everything
from tests.support.pages import Browser, Page, visitor

pytestmark = pytest.mark.no_cover  # calls what other tests call one by one

STATUSES = "status=draft&status=in_review&status=published&status=withdrawn"

QUESTIONS = (
    "/",
    f"/?q={CANARY}",
    f"/search?q={CANARY}",
    f"/search?q=org:{CANARY}",
    f"/search?industry=gaming&{STATUSES}",
    f"/search.csv?q={CANARY}&{STATUSES}",
    f"/search/suggest?q={CANARY[:5]}",
    f"/incidents?{STATUSES}",
    "/incidents?team=north",
    f"/incidents?organization={CANARY}%20Ltd&{STATUSES}",
    f"/incidents.csv?{STATUSES}",
    f"/trends?group_by=organization&interval=year&{STATUSES}",
    f"/trends.csv?group_by=organization&interval=year&{STATUSES}",
    "/calendar?from=2017-01&country=US&country=IL",
    "/categories",
    "/categories/tone-deaf",
    "/topics",
    "/topics/industry",
    "/teams/north",
    "/users",
    "/guards",
    f"/guards?q={CANARY}",
    "/guards/new",
    "/guards/offers",
    "/check",
    "/check/calendar",
    "/check/calendar/example.csv",
    "/checks",
    "/waiting",
    "/proposals/1",
    "/incidents/new",
    "/incidents/1",
    "/incidents/1/history",
    "/incidents/1/edit",
    "/incidents/1/withdraw",
    "/incidents/1/edit/cause",
    "/incidents/1/edit/sources/new",
    "/incidents/1/edit/lessons/order",
    "/incidents/1/translate?in=fr",
    "/account",
    "/account/tokens/new",
    "/sign-in",
    "/collections",
    "/collections/public-cases",
    "/collections/file/new",
    "/organizations/aliases",
    "/imports",
    "/after-a-failure",
)

OF_A_RESOURCE = (
    "/incidents/{id}",
    "/incidents/{id}-x",
    "/incidents/{id}/history",
    "/incidents/{id}/review",
    "/incidents/{id}/edit",
    "/incidents/{id}/withdraw",
    "/incidents/{id}/edit/cause",
    "/incidents/{id}/edit/lessons/1",
    "/incidents/{id}/edit/lessons/order",
    "/incidents/{id}/translate?in=fr",
    "/incidents/{id}/history/1..1",
)
"""Pages of an incident, asked for those that are hidden."""

OTHERS = {
    "check_calendar_kept_page", "check_calendar_csv", "check_calendar_row_page", "check_receipt_page",
    "check_harmless_page", "check_near_miss_page", "guard_page", "guard_backtest_page", "static_file",
    "import_page",
}  # fmt: skip
"""Pages of a calendar, a check or an import, which only whoever has sent it can open, or their team, and of a
guard, listed above."""


@pytest.fixture
def admin(person: Callable[..., Api]) -> Api:
    return person("Ada Admin", site_admin=True, north="admin")


@pytest.fixture(params=["anonymous", "another team"])
def stranger(
    request: pytest.FixtureRequest, as_role: Callable[..., Api], person: Callable[..., Api]
) -> Browser:
    return visitor(as_role() if request.param == "anonymous" else person("Eve", south="admin"))


def test_every_page_is_asked(app: Flask) -> None:
    addresses = app.url_map.bind("localhost")
    paths = [question.partition("?")[0] for question in QUESTIONS]
    paths += [path.format(id=1).partition("?")[0] for path in OF_A_RESOURCE]
    asked = {addresses.match(path)[0].removeprefix("pages.") for path in paths}
    views = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {view.removeprefix("pages.") for view in views if view.startswith("pages.")} - asked == OTHERS


def test_no_page_reveals_hidden_content(admin: Api, stranger: Browser) -> None:
    before = {question: _lasting(stranger.open(question)) for question in QUESTIONS}
    ids = hide_everything(admin)
    for question, known in before.items():
        content = _lasting(stranger.open(question))
        assert content == known, question
        assert CANARY not in content or CANARY in question, question
    for path in OF_A_RESOURCE:
        nowhere = stranger.open(path.format(id=99_999))
        for number in ids:
            assert _lasting(stranger.open(path.format(id=number)), number) == _lasting(nowhere, 99_999), path


def _lasting(page: Page, number: int | None = None) -> str:
    """A page without what differs each time that it is opened, and without the number of its incident."""
    content = page.response.get_data(as_text=True)
    return re.sub(rf'value="[-\w.]{{16,}}"|\d+ ms|incidents?(/|%2F| ){number}\b', "", content)
