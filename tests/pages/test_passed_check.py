from collections.abc import Callable

from tests.support.api import Api
from tests.support.checks import store_check
from tests.support.pages import Browser, visitor

POST = "A hurricane has flooded the coast. Celebrate with our big sale: 30% off all dresses!"


def _published(noa: Api, *, keep_text: bool) -> str:
    check = store_check(noa, {}, text=POST, keep_text=keep_text, language="en")
    filed = noa.file(passed_check=check, themes=["disaster-tragedy"], status="published", severity=4)
    return f"/incidents/{filed['id']}"


def test_an_incident_names_the_check_that_had_passed_its_post_and_offers_to_write_a_guard(noa: Api) -> None:
    browser = visitor(noa)
    page = browser.open(_published(noa, keep_text=True))
    assert "A check had passed this post" in page.text
    assert browser.follow(page, "Check 1 by Noa").url == "/checks/1"
    assert "Today's guards find" in page.one("#passed-check").get_text()
    written = browser.follow(page, "Subjects")
    assert POST in written.one("#guard").get_text()
    tested = browser.send(written, "Run its tests")
    assert tested.status == 200
    assert "It works" in tested.text


def test_without_the_text_nothing_is_tried(noa: Api) -> None:
    page = visitor(noa).open(_published(noa, keep_text=False))
    assert "no guard can be tried" in page.one("#passed-check").get_text()


def test_a_check_that_had_stopped_the_post_is_said_to_have_found_it_and_who_went_ahead(noa: Api) -> None:
    check = store_check(noa)
    assert noa.post(f"/checks/{check}/override", {"reason": "It is late."}).status_code == 201
    filed = noa.file(passed_check=check, failure_modes=["placeholder-published"], severity=4)
    section = visitor(noa).open(f"/incidents/{filed['id']}").one("#passed-check")
    said = section.get_text(" ", strip=True)
    assert "A check had found something in this post" in said
    assert "A check had passed" not in said
    assert section.select_one("li a[href='/guards/unfinished-text']") is not None
    assert "Noa went ahead" in said
    assert "It is late." in said
    assert "Write the guard" not in said


def test_who_may_not_see_the_check_does_not_learn_of_it(
    noa: Api, browser: Browser, signed_in: Callable[..., Browser]
) -> None:
    path = _published(noa, keep_text=True)
    for reader in (browser, signed_in("Noam", south="admin")):
        page = reader.open(path)
        assert page.status == 200
        assert not page.soup.select("#passed-check")
    query = f"?type=themes&incident={path.rpartition('/')[2]}"
    assert signed_in("Eli", south="reader").open(f"/guards/new{query}").status == 403
