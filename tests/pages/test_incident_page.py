import json
from collections.abc import Callable

from tests.support.api import Api
from tests.support.incidents import FULL_INCIDENT, incident, lesson_guard
from tests.support.pages import Browser, visitor

PLACEHOLDER = "/incidents/3"


def test_an_incident_reads_like_an_article(browser: Browser) -> None:
    page = browser.open(PLACEHOLDER)
    assert page.heading == "McDonald's Black Friday placeholder published by mistake"
    assert page.texts("article h2") == [
        "What happened",
        "How it ended",
        "What led to it",
        "Why it counts as a failure",
        "What could have been done instead",
        "Lessons",
        "What it cost",
        "Sources",
    ]
    assert "November 24, 2017" in page.texts(".kicker")[0]
    assert "2 of 5" in page.texts(".severity")[0]


def test_facts_lead_to_the_incidents_that_share_them(browser: Browser) -> None:
    results = browser.follow(browser.open(PLACEHOLDER), "Placeholder published")
    assert results.url == "/search?failure_mode=placeholder-published"
    assert "McDonald's" in results.texts(".hit")[0]


def test_a_lesson_has_an_anchor_and_says_what_its_guard_does(browser: Browser) -> None:
    page = browser.open(PLACEHOLDER)
    first = page.soup.select(".lessons li")[0]
    assert first.select_one(f"a[href='#{first['id']}']") is not None
    assert str(first["id"]).startswith("lesson-")
    assert "Guard: A note where the copy should be" in page.texts(".lessons li")[0]
    assert "It says: do not publish yet." in page.texts(".lessons li")[0]
    assert browser.follow(page, "A note where the copy should be").url == "/guards/lesson:8"


def test_a_guard_is_tried_on_its_example_without_the_draft_in_the_address(browser: Browser) -> None:
    tried = browser.send(browser.open(PLACEHOLDER), "Try the guard of lesson 1")
    assert tried.url.startswith("/guards/lesson:8")
    assert "?" not in tried.url
    assert tried.one("#text").get_text().strip()
    assert tried.texts("#try mark")


def test_the_switch_changes_the_language_of_the_text_and_keeps_that_of_the_interface(
    browser: Browser,
) -> None:
    switch = browser.open(PLACEHOLDER).one(".languages a")
    page = browser.open(str(switch["href"]))
    assert page.url == f"{PLACEHOLDER}?in=he"
    assert page.one("h1")["lang"] == "he"
    assert page.one("article")["dir"] == "rtl"
    assert page.one("html")["lang"] == "en"
    assert "How it ended" in page.texts("h2")
    assert "(original)" in page.texts(".languages")[0]


def test_a_timeline_says_what_is_known_and_how_long_it_took(admin: Api) -> None:
    filed = admin.file(
        posted_at="2019-03-02T08:00:00Z",
        acknowledged_at="2019-03-02T08:40:00Z",
        removed_at="2019-03-02T11:00:00Z",
        responses=[{"kind": "apologized", "at": "2019-03-04"}, {"kind": "deleted"}],
    )
    page = visitor(admin).open(f"/incidents/{filed['id']}")
    assert page.texts(".timeline li") == [
        "March 2, 2019, 08:00 UTC Posted",
        "March 2, 2019, 08:40 UTC Acknowledged, 40 minutes after it was posted",
        "March 2, 2019, 11:00 UTC Removed, 3 hours after it was posted",
        "March 4, 2019 Apologized, 2 days later",
        "Date unknown Deleted",
    ]


def test_a_cost_says_whether_it_is_alleged_and_by_whom(admin: Api) -> None:
    filed = admin.file(**FULL_INCIDENT)
    page = visitor(admin).open(f"/incidents/{filed['id']}")
    assert page.texts(".impacts li") == [
        "Market value lost: 1.5 million US dollars , alleged according to A paper"
    ]


def test_related_incidents_say_what_they_have_in_common(browser: Browser) -> None:
    related = browser.open(PLACEHOLDER).texts(".related li")
    assert related
    assert all("n common: " in each for each in related)


def test_common_words_are_no_reason_to_call_an_incident_like_another(admin: Api) -> None:
    common = "The company took the post down and told everybody what happened on that day."
    numbers = [
        admin.file(
            title=title,
            organization=title,
            category=category,
            summary=f"{common} {distinctive}",
            cause=common,
            outcome=common,
            lessons=[{"text": common}],
            status="published",
        )["id"]
        for title, category, distinctive in (
            ("Quagga", "threats-harassment", "Balloons drifted over the stadium."),
            ("Okapi", "offensive", "Balloons drifted over the harbor."),
            ("Ibex", "tone-deaf", ""),
        )
    ]
    like = visitor(admin).open(f"/incidents/{numbers[0]}").texts(".related li")
    (okapi,) = [each for each in like if each.startswith("Okapi")]
    assert {*okapi.partition("Words in common: ")[2].split(", ")} == {"balloons", "drifted"}
    assert not [each for each in like if each.startswith("Ibex")]


def test_without_a_script_what_copies_is_the_permanent_link(browser: Browser) -> None:
    page = browser.open(PLACEHOLDER)
    address = "http://localhost/incidents/3"
    links = [str(link["href"]) for link in page.soup.select("a[data-copy-link]")]
    assert links[-1] == address
    assert links[0] == f"{address}#{page.soup.select('.lessons li')[0]['id']}"
    assert page.texts("a[data-copy-link]")[0] == "Permanent link to lesson 1"


def test_an_address_with_a_title_leads_to_the_one_without(browser: Browser) -> None:
    response = browser.client.get("/incidents/3-any-title?in=he&_scheme=javascript&_external=1&endpoint=x")
    assert response.status_code == 301
    assert response.location.startswith("/incidents/3?in=he")


def test_a_draft_is_hidden_from_readers_and_says_to_its_team_what_it_is(
    browser: Browser, contributor: Api
) -> None:
    filed = contributor.file()
    address = f"/incidents/{filed['id']}"
    assert browser.open(address).status == 404
    page = visitor(contributor).open(address)
    assert "This is a draft." in page.texts(".status-note")[0]
    assert page.one("meta[name=robots]")["content"] == "noindex"
    assert not page.soup.select("script[type='application/ld+json']")


def test_a_merged_duplicate_leads_to_its_original(browser: Browser, admin: Api) -> None:
    first, second = (admin.file(title=title, status="published")["id"] for title in ("One", "Two"))
    address = f"/incidents/{second}"
    version = admin.get(address).headers["ETag"]
    assert admin.post(f"{address}/duplicate-of/{first}", {}, If_Match=version).status_code == 200
    assert browser.open(address).url == f"/incidents/{first}"


def test_no_text_of_an_incident_becomes_markup_or_script(admin: Api) -> None:
    attack = '</script><script>alert(1)</script><img src=x onerror=alert(2)>" onclick="alert(3)'
    texts = dict.fromkeys(("title", "summary", "why_failure", "cause", "outcome", "audience"), attack)
    filed = admin.file(
        **texts,
        organization=attack,
        tags=["<b>tag</b>"],
        lessons=[{"text": attack, "guard": lesson_guard()}],
        sources=[
            {"title": attack, "publisher": attack, "url": 'https://example.org/"><script>', "kind": "news"}
        ],
        impacts=[{"kind": "legal", "amount": 5, "currency": "EUR", "source": attack}],
        severity=1,
        visibility="organization",
        status="published",
    )
    page = visitor(admin).open(f"/incidents/{filed['id']}")
    assert page.status == 200
    assert len(page.soup.find_all("script")) == 2
    assert not page.soup.find_all("img")
    assert not page.soup.select("[onclick], [onerror]")
    data = json.loads(page.one("script[type='application/ld+json']").get_text())
    assert data["headline"] == attack


def test_an_incident_has_a_line_to_cite_and_data_for_machines(browser: Browser) -> None:
    page = browser.open(f"{PLACEHOLDER}?lang=he&in=en")
    assert "Brand Postmortems 3" in page.texts(".cite")[0]
    address = "http://localhost/incidents/3"
    assert page.one("link[rel=canonical]")["href"] == address
    assert page.one("meta[property='og:url']")["content"] == address
    assert page.one("meta[property='og:locale']")["content"] == "en_US"
    data = json.loads(page.one("script[type='application/ld+json']").get_text())
    assert data["@id"] == address
    assert data["inLanguage"] == "en"
    assert browser.client.get(page.link("הורדת הנתונים")).get_json()["title"] == page.heading


def test_a_source_in_hebrew_that_begins_with_a_name_in_latin_letters_runs_from_right_to_left(
    admin: Api,
) -> None:
    source = {"title": "AT&T מוחקת את הפוסט ומתנצלת", "kind": "news", "publisher": "Acme"}
    filed = admin.file(sources=[source], status="published")
    page = visitor(admin).open(f"/incidents/{filed['id']}")
    assert page.soup.select(".sources bdi")[0]["dir"] == "rtl"


def test_a_thin_draft_says_what_is_missing(contributor: Api) -> None:
    body = {"language": "en", "organization": "Acme", "title": "Untold", "category": "offensive"}
    filed = contributor.post("/incidents", body).get_json()
    page = visitor(contributor).open(f"/incidents/{filed['id']}")
    assert "What happened has not been written down yet." in page.text
    assert "No source is named yet." in page.text
    assert page.texts("#lessons .hint") == [
        "No lesson is written down yet. A lesson is what others can learn from it."
    ]
    assert "date unknown" in page.text


def test_only_the_team_reads_the_history(browser: Browser, person: Callable[..., Api]) -> None:
    member, other = person("Dana", main="contributor"), person("Noa", south="contributor")
    filed = member.post("/incidents", incident(team="main")).get_json()
    address = f"/incidents/{filed['id']}"
    page = visitor(member).open(address)
    assert "Filed" in visitor(member).follow(page, "History").texts("h2")[0]
    assert visitor(other).open(f"{address}/history").status == 404
    assert browser.open(f"{address}/history").url == f"/sign-in?next={address}/history"
    assert visitor(other).open("/incidents/3/history").status == 403
    assert "History" not in visitor(other).open("/incidents/3").texts(".cite a")


def test_a_comparison_marks_words_and_names_fields(contributor: Api) -> None:
    filed = contributor.file(severity=2)
    changed = {"cause": "Two accounts were open in one browser.", "severity": 3, "platforms": ["twitter"]}
    contributor.patch(f"/incidents/{filed['id']}", changed, If_Match=f'"{filed["version"]}"')
    team = visitor(contributor)
    listed = team.open(f"/incidents/{filed['id']}/history")
    page = team.send(listed, "Compare")
    assert page.heading == "What changed from version 1 to version 2"
    assert page.texts(".diff h2") == ["What led to it", "Severity", "Platform"]
    assert page.texts(".diff p del") == ["scheduling tool"]
    assert page.texts(".diff p ins") == ["browser"]
    assert "2 of 5" in page.texts(".values del")[0]
    assert page.texts(".values ins")[1] == "Twitter / X"


def test_a_long_name_of_an_organization_has_the_width_of_the_facts(contributor: Api) -> None:
    filed = contributor.file(organization="Acme"), contributor.file(organization="Consolidated " * 5 + "Acme")
    for each, is_wide in zip(filed, (False, True), strict=True):
        page = visitor(contributor).open(f"/incidents/{each['id']}")
        (fact,) = (dt.parent for dt in page.soup.select(".facts dt") if dt.get_text() == "Organization")
        assert fact is not None
        assert ("wide" in (fact.get("class") or ())) is is_wide


def test_a_comparison_with_a_version_that_does_not_exist_is_not_found(contributor: Api) -> None:
    filed = contributor.file()
    assert visitor(contributor).open(f"/incidents/{filed['id']}/history/1..9").status == 404
    bad = visitor(contributor).open(f"/incidents/{filed['id']}/history?from=x&to=1")
    assert bad.status == 422


def test_what_surrounds_an_english_text_on_a_hebrew_page_stays_hebrew(browser: Browser) -> None:
    page = browser.open("/incidents/2?lang=he&in=en")
    assert page.one("article")["dir"] == "ltr"
    around = page.soup.select("article .sources .hint, article .impacts li")
    assert {part["dir"] for part in around} == {"rtl"}
    for text in (*page.texts("article h2"), *page.texts(".related h2, .related .hint")):
        assert any("א" <= letter <= "ת" for letter in text), text
    assert page.texts(".related .hint")
    assert {link["lang"] for link in page.soup.select(".related li a")} == {"he"}


def test_an_incident_leads_to_its_lessons_from_the_top_and_from_them_to_a_check(browser: Browser) -> None:
    page = browser.open("/incidents/3?lang=he")
    assert page.link("4 לקחים") == "#lessons"
    links = [str(each["href"]) for each in page.soup.select(".jumps a")]
    assert links == ["#lessons", "#impacts", "#related"]
    assert all(page.soup.select(link) for link in links)
    assert page.link("בדיקת הטיוטה") == "/check?lang=he"
