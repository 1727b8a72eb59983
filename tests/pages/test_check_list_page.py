"""The list of checks: its filters, and the chart of what became of them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import update

from kb.models import Check, db
from tests.support.api import Api
from tests.support.incidents import lesson_guard
from tests.support.pages import Browser, Page, visitor
from tests.support.transactions import executed_statements

Signed = Callable[..., Browser]
PLACEHOLDER = "Black Friday **** Need copy and link****"
FIXED = "Black Friday at our shop: example.com"


@pytest.fixture
def dana(app: Flask, person: Callable[..., Api]) -> Browser:
    """The browser of Dana, whose drafts of March, April and May were checked; she went on with one."""
    api = person("Dana", north="contributor")
    days = {1: "2026-03-02T09:00", 2: "2026-04-06T23:30", 3: "2026-05-04T09:00"}
    for number, text in ((1, PLACEHOLDER), (2, PLACEHOLDER), (3, "Our shop opens at nine.")):
        api.post("/checks", {"text": text, "platform": "twitter", "account": f"@Shop{number}"})
    api.post("/checks/2/override", {"reason": "It is a joke of ours."})
    with app.app_context():
        for number, day in days.items():
            moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
            db.session.execute(update(Check).where(Check.id == number).values(created_at=moment))
        db.session.commit()
    return visitor(api)


def listed(browser: Browser, address: str) -> int:
    return len(browser.open(address).texts(".checks li"))


def test_a_chart_counts_checks_stops_and_overrides_and_leads_to_them(dana: Browser) -> None:
    page = dana.open("/checks?to=2026-05-31")
    assert page.one("figcaption").get_text() == "Checks and what became of them, by week"
    assert page.texts(".multiples h2") == ["Checks 3", "Do not publish yet 2", "Went ahead anyway 1"]
    stops = page.soup.select(".multiples section")[1].select("svg a")
    assert [listed(dana, str(stop["href"])) for stop in stops] == [1, 1]
    assert page.soup.select("figure [style]") == []


def test_what_is_chosen_stands_in_the_line_that_opens_the_choice(dana: Browser) -> None:
    assert dana.open("/checks").texts(".fold > summary") == ["Filter the checks"]
    page = dana.open("/checks?verdict=stop&author=Dana&platform=twitter&from=2026-03-01&to=2026-05-31")
    assert page.one(".fold > summary").get_text() == (
        "Filter the checks (Do not publish yet, Dana, Twitter / X, From March 1, 2026, To May 31, 2026)"
    )
    assert not page.one(".fold").has_attr("open")
    wrong = dana.open("/checks?from=2026-05-31&to=2026-03-01")
    assert wrong.status == 422
    assert wrong.one(".fold").has_attr("open")


def test_the_checks_of_a_period_are_counted_in_one_pass(app: Flask, dana: Browser) -> None:
    with app.app_context(), executed_statements() as statements:
        page = dana.open("/checks?to=2026-05-31")
    assert page.texts(".lead") == [
        "3 checks so far. Do not publish yet: 2; No problem found: 1. Somebody went ahead anyway once."
    ]
    reads = [each.partition("FROM")[0] for each in statements]
    assert len([each for each in reads if "EXISTS" in each and "verdict" in each]) == 1


def test_a_check_is_recognized_by_its_text_where_that_was_kept(dana: Browser) -> None:
    assert "Need copy" not in dana.open("/checks").text
    form = dana.open("/check")
    dana.send(form, "Check it", text=f"Our soup\n\n{PLACEHOLDER}", keep_text="true")
    latest = dana.open("/checks").soup.select(".checks li")[0]
    assert f"Our soup {PLACEHOLDER}" in latest.get_text()


def test_a_check_without_its_text_is_recognized_by_what_was_found_and_by_its_facts(dana: Browser) -> None:
    draft = "Remembering our heroes: 20% off everything. [add link] Send us your photos!"
    facts = {"organization": "Acme", "when": "2027-05-31T09:00", "zone": "America/Chicago", "countries": "US"}
    dana.send(dana.open("/check"), "Check it", text=draft, **facts)
    latest = dana.open("/checks").soup.select(".checks li")[0]
    titles = [each.get_text() for each in latest.select(".found > span")]
    found = dana.follow(dana.open("/checks"), "Do not publish yet")
    assert titles[:2] == found.texts(".finding a[href*='/guards/']")[:2]
    assert titles[2:] == [f"and {len(found.soup.select('.finding')) - 2} more"]
    assert "Acme" in latest.get_text()
    assert "goes out Monday, May 31, 2027, 09:00" in latest.get_text()
    assert "Remembering" not in latest.get_text()
    placeholders = dana.open("/checks?verdict=stop&limit=2").soup.select(".checks li")[1]
    assert [each.get_text() for each in placeholders.select(".found")] == ["A note where the copy should be "]


def test_the_guard_of_a_lesson_is_named_to_those_alone_who_may_read_it(
    person: Callable[..., Api],
) -> None:
    dana = person("Dana", north="contributor", south="reviewer")
    colleague = visitor(person("Noam", north="reader"))
    guard = lesson_guard(
        title={"en": "A giraffe", "he": "ג'ירפה"},
        parameters={"phrases": ["giraffe"]},
        examples={"bad": [{"text": "A giraffe"}], "good": [{"text": "A zebra"}]},
    )
    lesson = {"text": "No giraffes.", "guard": guard}
    dana.file(status="published", visibility="team", team="south", lessons=[lesson])
    dana.post("/checks", {"text": "Our giraffe says hello.", "team": "north"})
    assert visitor(dana).open("/checks").texts(".checks .found") == ["A giraffe"]
    (listed_check,) = colleague.open("/checks").soup.select(".checks li")
    assert "one thing" in listed_check.get_text()
    assert not listed_check.select(".found")


def test_a_check_with_nothing_but_notes_says_so(dana: Browser) -> None:
    draft = "If you think of suicide, call the helpline 988, day and night. It is free."
    dana.send(dana.open("/check"), "Check it", text=draft)
    first = dana.open("/checks").soup.select(".checks li")[0]
    assert "No problem found, one note" in first.get_text()
    assert first["class"] == ["note"]


def test_a_short_period_has_no_chart(dana: Browser) -> None:
    assert not dana.open("/checks?from=2026-05-04&to=2026-05-05").soup.select("figure")


def test_checks_are_filtered_as_in_the_api(dana: Browser) -> None:
    assert listed(dana, "/checks?account=shop2") == 1
    assert listed(dana, "/checks?platform=facebook") == 0
    assert listed(dana, "/checks?since=2026-04-06T23:30:00Z&until=2026-04-30") == 1
    page = dana.send(dana.open("/checks"), "Show", verdict="stop", **{"from": "2026-04-01"})
    assert len(page.texts(".checks li")) == 1
    assert page.one("#from")["value"] == "2026-04-01"


def test_days_are_those_of_the_visitor(dana: Browser) -> None:
    assert listed(dana, "/checks?from=2026-04-06&to=2026-04-06") == 1
    dana.send(dana.open("/account"), "Save", time_zone="Asia/Jerusalem")
    assert listed(dana, "/checks?from=2026-04-06&to=2026-04-06") == 0
    assert listed(dana, "/checks?from=2026-04-07&to=2026-04-07") == 1


def test_a_foreign_team_does_not_exist(dana: Browser) -> None:
    assert dana.open("/checks?team=south").status == 404
    assert dana.open("/checks?from=soon").status == 422


def test_days_in_the_wrong_order_are_corrected_where_they_were_chosen(dana: Browser) -> None:
    page = dana.open("/checks?from=2026-05-04&to=2026-03-02&account=@Shop1")
    assert page.status == 422
    assert page.heading == "Your checks and your team's"
    (wrong,) = page.soup.select("[role=alert] a")
    assert page.one(str(wrong["href"]))["aria-invalid"] == "true"
    assert page.one("#from")["value"] == "2026-05-04"
    assert page.one("#account")["value"] == "@Shop1"
    assert not page.texts(".checks li, .empty")
    assert dana.send(page, "Show", **{"from": "2026-03-01"}).texts(".checks li")


@pytest.mark.parametrize("name", ["from", "to"])
def test_a_day_too_far_ahead_is_corrected_where_it_was_chosen(dana: Browser, name: str) -> None:
    page = dana.open(f"/checks?{name}=9999-12-31")
    assert page.status == 422
    assert "The period must end by 2199." in page.text


def _check(browser: Browser, text: str, **fields: str) -> Page:
    return browser.send(browser.open("/check"), "Check it", text=text, **fields)


def test_checks_are_listed_for_their_team_and_filtered(signed_in: Signed) -> None:
    dana, noam = signed_in("Dana", north="contributor"), signed_in("Noam", north="reader")
    assert "No check yet" in dana.open("/checks").text
    assert not dana.open("/checks?lang=he").texts("form.filters")
    _check(dana, PLACEHOLDER)
    _check(noam, FIXED)
    page = noam.open("/checks")
    assert page.texts(".lead") == ["2 checks so far. Do not publish yet: 1; No problem found: 1."]
    assert len(page.texts(".checks li")) == 2
    assert len(noam.open("/checks?verdict=stop&author=Dana&team=north").texts(".checks li")) == 1
    assert "No check matches" in noam.open("/checks?author=Nobody").text
    first = noam.open("/checks?limit=1")
    assert "Dana" in noam.follow(first, "Earlier checks").texts(".checks li")[0]


def test_the_list_says_how_many_repeated_checks_it_does_not_count(
    person: Callable[..., Api],
) -> None:
    api = person("Dana", north="contributor")
    dana = visitor(api)
    _check(dana, PLACEHOLDER, keep_text="true")
    for _ in range(2):
        assert api.post("/checks/1/rerun", {}).status_code in (200, 201)
    page = dana.open("/checks")
    assert len(page.texts(".checks li")) == 3
    assert page.texts(".lead") == [
        "One check so far. Do not publish yet: 1. 2 repeated checks are not counted."
    ]
