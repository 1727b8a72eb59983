"""The list of incidents: by year, each with its category, and the categories beside it."""

from collections import Counter

from tests.support.api import Api
from tests.support.pages import Browser, visitor


def outline(browser: Browser, address: str) -> list[str]:
    """The years and titles of a list, as they follow each other."""
    return browser.open(address).texts(".listed > h2, .listed .hit :is(h2, h3)")


def by_year(incidents: list[dict[str, str]]) -> list[str]:
    """The outline that incidents should have."""
    lines: list[str] = []
    for each in incidents:
        year = each["occurred_on"][:4]
        lines += [each["title"]] if year in lines else [year, each["title"]]
    return lines


def test_incidents_are_listed_under_the_years_in_which_they_happened(
    browser: Browser, anonymous: Api
) -> None:
    for sort in ("-occurred_on", "occurred_on"):
        found = anonymous.get("/incidents", sort=sort).get_json()["items"]
        assert len(found) == 6
        assert outline(browser, f"/incidents?sort={sort}") == by_year(found)


def test_drafts_without_a_date_come_under_a_heading_of_their_own(noa: Api) -> None:
    noa.file(title="Some day", occurred_on=None, status="draft")
    noa.file(title="In May", occurred_on="2018-05", status="draft")
    assert outline(visitor(noa), "/incidents?status=draft") == ["2018", "In May", "date unknown", "Some day"]
    # The categories count what is published.
    assert not visitor(noa).open("/incidents?status=draft").soup.select(".facets")


def test_a_list_of_drafts_says_so_in_a_chip_that_can_be_removed(noa: Api) -> None:
    noa.file(title="Some day", status="draft")
    browser = visitor(noa)
    page = browser.open("/incidents?status=draft")
    assert page.texts(".chips bdi") == ["Draft"]
    assert page.heading == "1 draft"
    assert browser.open(str(page.one(".chips a")["href"])).heading == "6 incidents"
    both = browser.open("/incidents?status=draft,in_review")
    assert both.texts(".chips bdi") == ["Draft", "In review"]
    assert not browser.open("/incidents?status=published").soup.select(".chips a")


def test_a_list_of_one_status_counts_what_it_lists_in_words(noa: Api) -> None:
    noa.file(title="Some day", status="draft")
    browser = visitor(noa)
    assert browser.open("/incidents?status=withdrawn").heading == "0 withdrawn incidents"
    assert browser.open("/incidents?status=in_review").heading == "0 incidents in review"
    of_a_kind = browser.open("/incidents?status=draft&kind=incident")
    assert of_a_kind.heading == "1 draft: \u2068failures\u2069"
    assert visitor(noa, "he").open("/incidents?status=draft").heading == "טיוטה אחת"


def test_a_day_that_is_none_is_answered_in_words_that_are_no_programmers(browser: Browser) -> None:
    page = browser.open("/incidents?from=someday")
    (said,) = page.texts(".problem li")
    assert said.startswith("From from : Write a year, a month or a day, such as 2018, 2018-05 or")


def test_the_drafts_of_a_team_are_in_the_menu_of_those_who_write_them(noa: Api) -> None:
    noa.file(title="Some day", status="draft")
    browser = visitor(noa)
    page = browser.follow(browser.open("/"), "Your team's drafts")
    assert page.texts(".hit h3") == ["Some day"]


def test_where_there_is_no_draft_one_learns_what_would_be_listed(noa: Api) -> None:
    page = visitor(noa).open("/incidents?status=draft")
    assert page.texts(".empty h2") == ["There is no draft"]
    assert page.soup.select(".empty a[href='/incidents/new']")


def test_where_two_teams_have_no_draft_one_learns_it_of_both(noa: Api) -> None:
    page = visitor(noa).open("/incidents?status=draft&group=team:press|social")
    assert page.texts(".empty h2") == ["There is no draft"]


def test_where_no_draft_has_a_category_one_learns_to_remove_a_filter(noa: Api) -> None:
    page = visitor(noa).open("/incidents?status=draft&category=offensive")
    assert page.texts(".empty h2") == ["No incident fits these filters"]


def test_a_long_summary_is_cut_between_words(noa: Api) -> None:
    words = "The campaign promised everything to everybody " * 10
    noa.file(title="Long", summary=words, status="draft")
    (shown,) = visitor(noa).open("/incidents?status=draft").texts(".hit > p:not(.meta)")
    assert shown.endswith("…")
    assert words.startswith(f"{shown.removesuffix('…')} ")
    assert 100 < len(shown) <= 140


def test_another_order_has_no_years(browser: Browser) -> None:
    titles = outline(browser, "/incidents?sort=title")
    assert len(titles) == 6
    assert titles == sorted(titles)


def test_each_incident_names_its_category_and_the_page_counts_them_all(
    browser: Browser, anonymous: Api
) -> None:
    page = browser.open("/incidents?sort=title")
    found = anonymous.get("/incidents", sort="title").get_json()["items"]
    terms = {each["key"]: each for each in anonymous.get("/taxonomy/category").get_json()["terms"]}
    for meta, each in zip(page.texts(".hit .meta"), found, strict=True):
        assert terms[each["category"]]["label"] in meta
    counted = Counter({each["label"]: each["count"] for each in terms.values() if each["count"]})
    shown = [text.rsplit(" ", 1) for text in page.texts(".facets .counts li")]
    assert Counter({label: int(count) for label, count in shown}) == counted
    of_one = browser.open(str(page.soup.select(".facets .counts a")[0]["href"]))
    assert len(of_one.texts(".hit")) == int(shown[0][1])
    assert not of_one.soup.select(".facets")


def test_where_no_incident_is_published_nothing_is_counted(noa: Api) -> None:
    page = visitor(noa).open("/incidents?category=employee-conduct&status=draft")
    assert page.texts(".empty h2") == ["No incident fits these filters"]
    assert not page.soup.select(".facets, .year")


def test_a_long_list_of_incidents_has_pages(admin: Api) -> None:
    for number in range(22):
        admin.file(status="published", title=f"Number {number}", organization="Velmora")
    browser = visitor(admin)
    first = browser.open("/incidents?organization=velmora")
    second = browser.follow(first, "Next page")
    assert (len(first.texts(".hit")), len(second.texts(".hit"))) == (20, 2)
    assert not {*first.texts(".hit h3")} & {*second.texts(".hit h3")}
    assert browser.follow(second, "First page").texts(".hit h3") == first.texts(".hit h3")
    assert [page.texts(".year") for page in (first, second)] == [["2019"], ["2019"]]


def test_a_list_of_nothing_says_what_to_do(browser: Browser) -> None:
    page = browser.open("/incidents?organization=Nobody")
    assert "No incident fits these filters" in page.text
    assert browser.open("/incidents?cursor=nonsense").status == 422
