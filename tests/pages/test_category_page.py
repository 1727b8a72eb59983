from tests.support.api import Api
from tests.support.pages import Browser, visitor

LESSON = "Keep personal and brand accounts in different tools."


def test_the_front_page_leads_to_a_category_and_on_to_its_incidents(browser: Browser) -> None:
    front = browser.open("/")
    label = front.texts(".counts a span")[0]
    page = browser.follow(front, label)
    assert page.heading == label
    assert page.texts(".hit")
    listed = browser.open(str(page.soup.select_one(".counts a")["href"]))  # type: ignore[index]
    assert listed.texts(".hit")


def test_a_category_says_how_many_incidents_it_has_and_leads_to_them(browser: Browser) -> None:
    front = browser.open("/")
    label, number = front.texts(".counts a span")[:2]
    page = browser.follow(front, label)
    assert len(browser.follow(page, f"{number} incident").texts(".hit")) == int(number)


def test_all_categories_are_listed_with_their_figures(browser: Browser) -> None:
    page = browser.open("/categories")
    assert len(page.texts(".kinds h2")) == 7
    assert "incident" in page.texts(".kinds .meta")[0]


def test_a_lesson_of_several_incidents_is_told_once_and_names_them(admin: Api) -> None:
    admin.file(status="published", title="First", category="threats-harassment")
    twin = {"lessons": [{"text": f"  {LESSON.upper()}"}], "organization": "Other"}
    admin.file(status="published", title="Second", category="threats-harassment", **twin)
    page = visitor(admin).open("/categories/threats-harassment")
    (lesson,) = page.texts(".helps li")
    assert "First" in lesson
    assert "Second" in lesson


def test_what_was_done_has_its_median_times(admin: Api) -> None:
    day = "2020-05-02"
    admin.file(
        status="published",
        category="threats-harassment",
        posted_at=f"{day}T10:00:00Z",
        removed_at=f"{day}T10:40:00Z",
        occurred_on=day,
        responses=[{"kind": "deleted"}],
    )
    page = visitor(admin).open("/categories/threats-harassment")
    assert "Half of the posts were gone after 40 minutes." in page.text
    assert page.texts(".figures tbody tr") == ["Deleted 1 40 minutes –"]


def test_an_empty_category_says_what_would_be_here(browser: Browser) -> None:
    page = browser.open("/categories/threats-harassment")
    assert page.status == 200
    assert "Nothing of this kind has been published" in page.text


def test_a_category_that_does_not_exist_is_not_found(browser: Browser) -> None:
    page = browser.open("/categories/<script>")
    assert page.status == 404
    assert page.heading == "There is no such page"


def test_what_a_visitor_may_not_see_teaches_nothing(admin: Api, browser: Browser) -> None:
    admin.file(title="Not told yet", category="threats-harassment")
    assert not browser.open("/categories/threats-harassment").texts(".helps li")
