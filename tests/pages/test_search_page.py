import re
from urllib.parse import urlencode

import pytest

from tests.support.api import Api
from tests.support.pages import Browser, visitor

VISITORS_ONLY_READ = True


def test_the_front_page_asks_one_question_and_searches(browser: Browser) -> None:
    front = browser.open("/")
    assert front.heading == "Has somebody been burned by this before?"
    assert front.texts(".counts a")[0].split()[-1].isdecimal()
    results = browser.send(front, "Search", q="asking for photos")
    assert results.status == 200
    assert "Lockheed Martin" in results.texts(".hit")[0]


def test_matches_are_marked_and_what_was_typed_is_escaped(browser: Browser) -> None:
    page = browser.open("/search?q=photo<script>alert(1)</script>")
    assert page.texts(".hit mark")
    assert "alert(1)" not in "".join(page.texts("script"))
    assert page.one("input[name=q]")["value"] == "photo<script>alert(1)</script>"


def test_a_facet_narrows_the_results_and_a_chip_takes_the_filter_away(browser: Browser) -> None:
    everything = browser.open("/search")
    facet = everything.soup.select_one(".facets .counts a")
    assert facet is not None
    narrowed = browser.open(str(facet["href"]))
    assert 0 < len(narrowed.texts(".hit")) < len(everything.texts(".hit"))
    chip = narrowed.one(".chips a")
    assert len(browser.open(str(chip["href"])).texts(".hit")) == len(everything.texts(".hit"))


@pytest.mark.parametrize("heading", ["Category", "Platform", "Industry", "Theme", "Severity", "Year"])
def test_a_facet_finds_as_many_as_it_counts_and_is_gone_once_chosen(browser: Browser, heading: str) -> None:
    page = browser.open("/search")
    facet = page.one(f".facets section:has(h2:-soup-contains('{heading}'))")
    link = facet.select("a")[-1]
    narrowed = browser.open(str(link["href"]))
    assert len(narrowed.texts(".hit")) == int(link.select("span")[-1].get_text())
    assert len(narrowed.texts(".chips li")) == 1
    assert heading not in narrowed.texts(".facets h2")


def test_the_hits_are_listed_by_date_or_severity(browser: Browser) -> None:
    best = browser.open("/search?q=joke&platform=twitter")
    newest = browser.follow(best, "Newest first")
    assert newest.texts(".orders strong") == ["Newest first"]
    days = [day["datetime"] for day in newest.soup.select(".hit time")]
    gravest = browser.follow(newest, "Most severe first")
    levels = [text[0] for text in gravest.texts(".hit .severity")]
    assert days == sorted(days, reverse=True)
    assert levels == sorted(levels, reverse=True)
    assert browser.follow(gravest, "Best match first").texts(".hit") == best.texts(".hit")


def test_a_typing_error_is_corrected_and_both_ways_are_open(browser: Browser) -> None:
    page = browser.open("/search?q=lokheed")
    assert "Shown for" in page.text
    assert "Read as" not in page.text, "the correction is told already"
    assert "Lockheed Martin" in page.texts(".hit")[0]


def test_how_a_query_was_read_is_said_where_it_differs(browser: Browser) -> None:
    assert "Read as" in browser.open("/search?q=photos+%26%26+followers").text
    assert "Read as" not in browser.open("/search?q=a+joke+about+a+Strike").text


def test_hits_that_share_only_some_words_are_said_to_match_nothing_well(browser: Browser) -> None:
    page = browser.open("/search?q=mother's+day+brunch")
    assert page.texts(".hit")
    assert "Nothing matches well." in page.one("[role=status]").get_text()
    assert "match well" not in browser.open("/search?q=photo").text


@pytest.mark.parametrize(("language", "heading"), [("en", "Weaker matches"), ("he", "התאמות חלשות יותר")])
def test_a_heading_tells_where_the_good_matches_end(browser: Browser, language: str, heading: str) -> None:
    page = browser.open(f"/search?q=placeholder+post&lang={language}")
    assert page.texts("h2.weaker") == [heading]
    order = [element.name for element in page.soup.select(".hit h2, h2.weaker, .hit h3")]
    assert order == ["h2", "h2", *["h3"] * (len(order) - 2)]
    assert "weaker" in page.soup.select("h2.weaker, .hit")[1]["class"]
    assert not browser.open("/search?q=placeholder").texts("h2.weaker")
    assert not browser.open("/search?q=mother's+day+brunch").texts("h2.weaker"), "nothing matches well"


def test_a_search_without_hits_says_what_to_try(browser: Browser) -> None:
    page = browser.open("/search?q=zzzzqqqq&category=offensive")
    assert not page.texts(".hit")
    assert "Nothing like it has been filed" in page.text
    assert "search without filters" in page.text


def test_a_page_whose_hits_are_gone_leads_back_to_the_others(admin: Api) -> None:
    for number in range(11):
        admin.file(title=f"Zebra {number}", status="published")
    reader = visitor(admin)
    page = reader.open("/search?q=zebra")
    shown = page.texts(".hit h2")
    for hit in admin.get("/search", q="zebra", limit=20).get_json()["items"]:
        if hit["incident"]["title"] not in shown:
            admin.delete(f"/incidents/{hit['incident']['id']}", If_Match="*")
    gone = reader.follow(page, "Next page")
    assert not gone.texts(".hit")
    assert "Nothing like it has been filed" not in gone.text
    assert reader.follow(gone, "First page").texts(".hit h2") == shown


def test_a_filter_that_cannot_be_read_is_named(browser: Browser) -> None:
    page = browser.open("/search?q=photo&severity=9")
    assert page.status == 422
    assert "severity" in page.one("[role=alert]").get_text()


def test_a_language_in_the_address_stays_in_all_links(browser: Browser) -> None:
    page = browser.open("/?lang=he")
    assert page.one("html")["dir"] == "rtl"
    addresses = [str(link["href"]) for link in page.soup.select("nav a, .counts a, .hit a")]
    assert addresses
    assert all("lang=he" in address for address in addresses)


def test_suggestions_lead_to_incidents_terms_and_queries(browser: Browser) -> None:
    answer = browser.client.get("/search/suggest?q=lock")
    assert any("Lockheed" in item["text"] for item in answer.get_json())
    assert all(item["url"].startswith("/") for item in answer.get_json())


def test_a_suggested_title_in_hebrew_that_begins_in_latin_letters_runs_from_right_to_left(admin: Api) -> None:
    admin.file(language="he", title="AT&T מכניסה סמארטפון לפוסט הזיכרון", status="published")
    [suggestion] = visitor(admin).client.get("/search/suggest?q=סמארטפון").get_json()
    assert suggestion["direction"] == "rtl"


def test_a_hit_says_who_when_where_and_how_grave(browser: Browser) -> None:
    hit = browser.open("/search?q=lockheed").texts(".hit .meta")[0]
    assert all(fact in hit for fact in ("Lockheed Martin", "August 2018", "Twitter", "4 of 5"))


def test_a_hit_has_the_direction_of_its_incident_and_facts_that_of_the_page(admin: Api) -> None:
    admin.file(language="he", title="המבצע יצא לדרך לפני הזמן", status="published")
    page = visitor(admin).open("/incidents?language=he&organization=Acme")
    assert page.one(".hit")["dir"] == "rtl"
    assert page.one(".hit .meta span")["dir"] == "ltr"


def test_a_misspelled_filter_is_said_with_the_one_that_it_resembles(browser: Browser) -> None:
    page = browser.open("/search?q=sale&platfrom=twitter&lang=en&utm_source=mail")
    assert page.texts(".flash") == [
        "“ platfrom ” in the address has no meaning here and was left out. Did you mean platform ?"
    ]
    assert (
        browser.follow(page, "Did you mean").url == "/search?q=sale&platform=twitter&lang=en&utm_source=mail"
    )
    assert "אולי הכוונה" in browser.open("/guards?sverity=stop&lang=he").text


def test_an_organization_with_a_comma_in_its_name_is_one_filter(admin: Api) -> None:
    admin.file(organization="Acme, Inc.", status="published")
    page = visitor(admin).open("/incidents?organization=Acme, Inc.&organization=Nobody")
    assert len(page.texts(".hit")) == 1
    assert [chip.partition(" ×")[0] for chip in page.texts(".chips li")] == ["Acme, Inc.", "Nobody"]


def test_a_parameter_with_one_value_is_not_read_from_two(browser: Browser) -> None:
    page = browser.open("/search?from=2017&from=2018")
    assert page.status == 422
    assert "Send this parameter once." in page.text


def test_a_list_is_sorted_as_its_reader_chooses_and_so_is_its_table(browser: Browser) -> None:
    newest = browser.open("/incidents?severity_min=1")
    assert newest.texts(".orders strong") == ["Newest first"]
    gravest = browser.follow(newest, "Most severe first")
    levels = [text[0] for text in gravest.texts(".hit .severity")]
    assert levels == sorted(levels, reverse=True)
    titles = browser.follow(gravest, "By title").texts(".hit h2")
    assert titles == sorted(titles, key=str.casefold)
    assert len(titles) == len(levels) > 2


def test_further_pages_of_a_search_repeat_nothing_while_others_write(admin: Api) -> None:
    for number in range(12):
        admin.file(title=f"Zebra {'heron ' * (number % 3)}{number}", status="published")
    page = visitor(admin).open("/search?q=zebra heron")
    first = page.texts(".hit h2")
    for number in range(3):
        admin.file(title=f"Zebra heron {number} zebra heron", status="published")
    assert page.texts("p.print-only") == ["Hits 1 to 10 of 12. The others are on other pages."]
    second = visitor(admin).follow(page, "Next page")
    (part,) = second.texts("p.print-only")
    assert re.fullmatch(r"[0-9]+ of 1[0-9] hits\. The others are on other pages\.", part), part
    assert set(first).isdisjoint(second.texts(".hit h2"))
    assert visitor(admin).follow(second, "First page").status == 200


def test_an_address_that_is_pasted_finds_what_cites_it_and_says_how_it_was_read(
    browser: Browser, admin: Api
) -> None:
    link = "https://example.com/news/story?id=7"
    cited = admin.file(sources=[{"title": "A story", "url": link}], status="published")
    pasted = browser.send(browser.open("/"), "Search", q=f"{link}&utm_source=newsletter")
    assert pasted.texts(".hit h2") == [cited["title"]]
    assert f"Read as source:{link}&utm_source=newsletter" in pasted.text
    nothing = browser.open("/search?q=https://example.com/nobody-cites-this")
    assert nothing.texts(".hit") == []
    assert "Read as source:https://example.com/nobody-cites-this" in nothing.text
    assert "Did you mean" not in nothing.text


def test_a_source_that_is_filtered_by_is_a_chip_that_can_be_removed(browser: Browser) -> None:
    for path in ("/search", "/incidents"):
        page = browser.open(
            f"{path}?source=https://he.wikipedia.org/wiki/%D7%90,%D7%91/&source=https://example.com/a"
        )
        labels = [text.removesuffix("remove").strip(" ×") for text in page.texts(".chips a")]
        assert labels == ["cites \u2068he.wikipedia.org/wiki/א,ב\u2069", "cites \u2068example.com/a\u2069"]
        assert page.texts(".hit") == []
        page = browser.open(str(page.soup.select(".chips a")[0]["href"]))
        page = browser.open(str(page.one(".chips a")["href"]))
        assert page.texts(".hit") != []
    refused = browser.open("/search?source=nothing")
    assert refused.status == 422
    assert "source" in refused.text


def test_a_severity_that_cannot_be_read_is_named_as_on_the_page_and_is_no_filter(anonymous: Api) -> None:
    page = visitor(anonymous, "he").open("/search?q=photo&severity_min=many")
    assert page.status == 422
    assert page.texts(".problem li")[0].startswith("חומרה, לפחות severity_min")
    assert page.texts(".chips li") == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("photos platform:twiter", "photos platform:twitter"),
        ('platform:"twiter" photos', "platform:twitter photos"),
        ("platform:(twiter OR snapchat)", None),
    ],
)
def test_a_filter_that_names_no_term_offers_the_query_with_the_nearest_one(
    browser: Browser, typed: str, meant: str | None
) -> None:
    page = browser.open("/search?" + urlencode({"q": typed}))
    assert "There is no platform 'twiter', so it was read as words." in page.text
    if meant is None:
        assert f"Did you mean {meant}?" not in page.text
    else:
        corrected = browser.follow(page, meant)
        assert corrected.one("input[name=q]")["value"] == meant
        assert "read as words" not in corrected.text


def test_the_first_hits_say_what_to_do_otherwise(browser: Browser) -> None:
    page = browser.open("/search?q=tweet")
    hits = page.soup.select(".hit")
    assert len(hits) > 3
    said = [bool(hit.select(".lesson")) or "Proofread" in hit.get_text() for hit in hits]
    assert any(said[:3])
    assert not any(hit.select(".lesson") for hit in hits[3:])
    assert "Lesson:" in page.texts(".hit .lesson")[0]


def test_a_lesson_that_matches_is_not_said_twice(browser: Browser) -> None:
    first = browser.open("/search?q=right+handle").texts(".hit")[0]
    assert first.count("every draft before it is scheduled") == 1
