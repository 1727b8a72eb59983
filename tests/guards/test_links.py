"""Guards of the type `link`: links that are missing, broken, or lead where readers cannot go."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.guards.errors import GuardError
from kb.guards.links import links_in
from tests.support.guard_matches import analyzed, found, matcher

LINKS = matcher("link")

MISSING = {
    "Shop here!": ["Shop here"],
    "New boots. Shop the sale here 👇": ["Shop the sale here"],
    "Get your tickets here: ": ["Get your tickets here"],
    "Tickets here": ["Tickets here"],
    "Read the full story here.": ["Read the full story here"],
    "Click the link below": ["Click the link"],
    "לפרטים נוספים לחצו כאן": ["לפרטים נוספים לחצו כאן"],
    "מבצע! לרכישה: כאן": ["לרכישה: כאן"],
    "לכל הפרטים כנסו לכאן!": ["לכל הפרטים כנסו לכאן"],
    "לחצו על הקישור": ["לחצו על הקישור"],
    "Mail dana@shop.com or read file.py. Shop here.": ["Shop here"],
    "The sale ends.Now shop here!": ["shop here"],
}
BROKEN = {
    "Shop at http:/shop.co/a now": ["http:/shop.co/a"],
    "Shop at htp://shop.co.": ["htp://shop.co"],
    "Shop: http//shop.co/a": ["http//shop.co/a"],
    "Shop: https://": ["https://"],
    "Shop: https:// shop.co/a today": ["https:// shop.co/a"],
    "Shop: https://https://shop.co": ["https://https://shop.co"],
    "Shop: https:///shop.co": ["https:///shop.co"],
    "Shop: https;//shop.co": ["https;//shop.co"],
    "Shop: www,shop.co": ["www,shop.co"],
    "Shop: https://shop.con/a": ["https://shop.con/a"],
    "Shop: https://shop..com": ["https://shop..com"],
    "לרכישה http:/shop.co.il/מבצע!": ["http:/shop.co.il/מבצע"],
    "Shop: http:\u200b/shop.co": ["http:\u200b/shop.co"],
}
STAGING = (
    "http://localhost:3000/a",
    "localhost:8080",
    "http://127.0.0.1/a",
    "http://[::1]:8080/a",
    "http://10.1.2.3",
    "192.168.0.7/a",
    "https://shop.test/a",
    "shop.invalid",
    "http://printer.local",
    "https://wiki.internal/a",
    "https://staging.shop.com/a",
    "staging.shop.com",
    "https://dev.shop.co.il/a",
    "https://shop-staging.brand.com",
    "https://qa2.shop.com",
    "https://uat.shop.com",
    "https://test.shop.com",
    "https://preview.shop.com",
    "https://STAGING.shop.com",
    "https://a1b2.ngrok.io/a",
    "https://a1b2.ngrok-free.app",
    "https://deploy-preview-7--shop.netlify.app",
    "https://shop-git-main-team.vercel.app",
    "https://docs.google.com/document/d/1a2b/edit",
    "https://docs.google.com/document/d/1a2b/edit?usp=sharing",
    "https://www.figma.com/file/1a2b/Banner",
    "https://shop.com/?p=1&preview=true",
    "https://shop.com/wp-admin/post.php",
    "https://shop.com:8443/a",
)
HARMLESS = (
    "Shop at https://shop.com/a?b=c#d today.",
    "Shop here: https://bit.ly/3aBc",
    "Link in bio: shop.com",
    "Order here: 03-1234567",
    "Order here: dana@shop.com",
    "Message us here: @brand",
    "People who shop here love us",
    "You can shop here every day",
    "We are here. Stop here!",
    "Read it in file.py and __init__.py",
    "The sale ends.Now it is time",
    "Write to dana@staging.shop.com",
    "Docs: https://example.com/a",
    "https://dev.to/brand and https://test.de",
    "https://dev.mysql.com/downloads",
    "https://docs.google.com/forms/d/e/1a2b/viewform",
    "https://docs.google.com/document/d/e/2PACX/pub",
    "https://developer.shop.com https://latest.shop.com https://protest.org https://previews.org",
    "https://he.wikipedia.org/wiki/שלום",
    "Look for https:// in the address bar",
    "Safe sites begin with https://",
    "Run `npm start` and open http://localhost:3000",
    "In our tutorial for developers, run the server and open http://localhost:3000/docs",
    "3.5 stars, version 1.2.3, 10.5% off, 24.12.2027",
    "אנחנו כאן בשבילכם",
    "לחצו כאן https://shop.co.il/a",
    "הזמנות: 03-1234567",
    "בואו לבקר, אנחנו כאן!",
    "https://shop.com:443/a",
)


@pytest.mark.parametrize("texts", [MISSING, BROKEN], ids=["missing", "broken"])
def test_missing_and_broken_links_are_found_where_they_stand(texts: dict[str, list[str]]) -> None:
    assert {text: found(LINKS, text) for text in texts} == texts


def test_links_that_readers_cannot_open_are_found() -> None:
    assert {link: found(LINKS, f"Sale: {link}, today!") for link in STAGING} == {
        link: [link] for link in STAGING
    }


def test_other_links_and_addresses_are_left_alone() -> None:
    assert {text: parts for text in HARMLESS if (parts := found(LINKS, text))} == {}


@pytest.mark.parametrize("platform", ["instagram", "tiktok", None])
def test_a_link_in_the_bio_is_none_in_the_post_where_posts_have_no_links(platform: str | None) -> None:
    assert found(LINKS, "Shop here: link in bio", platform=platform) == []
    assert found(LINKS, "קולקציה חדשה, הלינק בביו", platform=platform) == []


@pytest.mark.parametrize(
    ("text", "announced"),
    [
        ("New boots! Link in bio", "Link in bio"),
        ("New boots, links in our bio.", "links in our bio"),
        ("נעליים חדשות! לינק בביו", "לינק בביו"),
        ("הקישור בפרופיל שלנו", "הקישור בפרופיל שלנו"),
    ],
)
def test_elsewhere_a_link_in_the_bio_is_missing(text: str, announced: str) -> None:
    assert found(LINKS, text, platform="facebook") == [announced]


@pytest.mark.parametrize("platform", ["linkedin", "facebook", None])
@pytest.mark.parametrize(
    "text",
    [
        "We wrote up what worked. Link in the comments.",
        "Register here: link in the first comment",
        "קורות חיים דרך הקישור בתגובה.",
        "לפרטים נוספים לחצו כאן, הלינק בתגובה הראשונה",
    ],
)
def test_a_link_in_the_comments_is_none_in_the_post_where_that_is_usual(
    platform: str | None, text: str
) -> None:
    assert found(LINKS, text, platform=platform) == []
    assert found(LINKS, text, platform="twitter")


@pytest.mark.parametrize("text", ["Two seats left. Register here.", "נשארו שני מקומות. להרשמה הקישו כאן."])
def test_a_push_message_leads_to_the_app_by_itself(text: str) -> None:
    assert found(LINKS, text, platform="push") == []
    assert found(LINKS, text, platform="facebook")


@pytest.mark.parametrize(
    "text",
    [
        "New in the lab.\n\nUnsubscribe here",
        "To unsubscribe, click here.",
        "Don't see the pictures? Click here to see this in your browser, or click here.",
        "Update your preferences or unsubscribe: click here",
        "חדש במעבדה.\nלהסרה: לחצו כאן",
        "להסרה מרשימת התפוצה לחצו כאן",
    ],
)
def test_the_notices_at_the_end_of_a_mail_are_links_that_its_text_does_not_show(text: str) -> None:
    assert found(LINKS, text, platform="email") == []


def test_other_words_of_a_mail_announce_a_link() -> None:
    text = "New in the lab. Order here.\n\nUnsubscribe here"
    assert found(LINKS, text, platform="email") == ["Order here"]
    assert found(LINKS, "הזמינו כאן!\nלהסרה: לחצו כאן", platform="email") == ["הזמינו כאן"]
    assert found(LINKS, "להסרה: לחצו כאן", platform="facebook") == ["לחצו כאן"]


@pytest.mark.parametrize(
    "text",
    [
        '"Your account will be closed in 24 hours. Click here." Would your team spot it?',
        "“Link in bio” is our word of the year.",
        "״הזכייה שלך מחכה, לחצו כאן״: כך נראית הודעה של נוכלים.",
    ],
)
def test_a_link_that_others_announce_in_a_quotation_is_not_missing(text: str) -> None:
    assert found(LINKS, text) == []


def test_links_beside_the_text_are_checked_without_a_span() -> None:
    def reasons(*links: str) -> list[Any]:
        matches = LINKS.matches(analyzed("Shop here!", links=links))
        return [(match.span, match.values["link"][""], match.values["reason"]["en"]) for match in matches]

    assert reasons("https://shop.com/a", "shop.com") == []
    assert reasons("https://staging.shop.com") == [
        (None, "https://staging.shop.com", "the link leads to a place that readers cannot open")
    ]
    assert [reason for _, _, reason in reasons("htp://shop.com", "http://[", "")] == [
        "the link is broken"
    ] * 3


@pytest.mark.parametrize(
    "link",
    [
        "http:/shop.com/a", "http//shop.com", "https:shop.com", "https;//shop.com", "https://a..com", "https://.com",
        "www,shop.com", "https://shop.con/a", "https://https://shop.com", "https://", "mailto:", "tel:",
        "javascript:alert(1)", "C:\\img\\boots.png", "#",
    ],
)  # fmt: skip
def test_a_link_beside_the_text_is_broken_by_the_slips_that_break_one_in_it(link: str) -> None:
    matches = [*LINKS.matches(analyzed("New boots", links=(link,)))]

    assert [match.values["reason"]["en"] for match in matches] == ["the link is broken"]


@pytest.mark.parametrize(
    "link",
    [
        "TBD", "link here", "[insert link]", "להשלים", "הקישור יגיע", "{{link}}", "https://TBD", "https://example",
        "https://shop.com/TBD", "https://shop.com/[slug]", "https://shop.com/{{product.url}}",
        "https://shop.com/<slug>", "https://{domain}/sale", "https://shop.com/XXX/boots",
    ],
)  # fmt: skip
def test_an_address_that_nobody_has_filled_in_is_a_broken_link(link: str) -> None:
    matches = [*LINKS.matches(analyzed("New boots", links=(link,)))]

    assert [match.values["reason"]["en"] for match in matches] == ["the link is broken"]


@pytest.mark.parametrize(
    "link",
    [
        "https://shop.com/?utm_campaign={{campaign.name}}&ad={{ad.id}}", "https://shop.com/?k={keyword}#top",
        "tel:+1-555-0100", "sms:+15550100", "mailto:dana@shop.com", "https://wa.me/972500000000",
        "whatsapp://send?phone=972500000000", "https://חנות.co.il/מבצע", " shop.com/a ", "//cdn.shop.com/a",
        "https://shop.com/tbd-records", "https://shop.com/a?ids[]=1", "/pricing", "https://8.8.8.8/dns",
        "https://[2001:4860:4860::8888]/", "https://shop.com./a", "https://SHOP.com/XXL", "https://shop.com/XXX-large",
        "https://ad.example.com/ddm/trackclk/N1/B2;dc_trk_aid=[AID];ord=[timestamp]", "https://cdn.shop.com/img[12].jpg",
        "https://youtu.be/dQw4w9-XXX", "https://shop.com/TODO-list",
    ],
)  # fmt: skip
def test_a_complete_link_beside_the_text_passes(link: str) -> None:
    assert [*LINKS.matches(analyzed("New boots", links=(link,)))] == []


@pytest.mark.parametrize("link", ["localhost", "http://myserver:3000", "file:///C:/boots.png", "10.0.0.1/a"])
def test_a_link_to_a_test_site_is_not_also_broken(link: str) -> None:
    draft = analyzed("New boots", links=(link,))

    assert [*matcher("link", checks=["broken"]).matches(draft)] == []
    assert len([*matcher("link", checks=["staging"]).matches(draft)]) == 1


def test_a_host_of_the_team_without_a_full_stop_is_reported_as_one_that_readers_cannot_open() -> None:
    own = matcher("link", hosts=["intranet"])

    matches = own.matches(
        analyzed("New boots", links=("https://intranet/boots", "localhost:3000", "localhost"))
    )

    assert {match.values["reason"]["en"] for match in matches} == {
        "the link leads to a place that readers cannot open"
    }


def test_a_team_names_its_hosts_and_the_checks_it_wants() -> None:
    own = matcher("link", hosts=["*.corp.example", "next.shop.com"], **{"except": ["dev.shop.com"]})
    text = "https://a.corp.example https://next.shop.com https://dev.shop.com https://qa.shop.com"
    assert found(own, text) == ["https://a.corp.example", "https://next.shop.com", "https://qa.shop.com"]
    assert found(matcher("link", checks=["broken"]), "Shop here http://localhost http:/x") == ["http:/x"]


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"checks": ["lost"]}, "/parameters/checks/0"),
        ({"checks": []}, "/parameters/checks"),
        ({"hosts": ["https://staging.shop.com"]}, "/parameters/hosts/0"),
        ({"except": ["a b"]}, "/parameters/except/0"),
    ],
)
def test_invalid_parameters_are_refused_with_their_place(parameters: dict[str, object], pointer: str) -> None:
    with pytest.raises(GuardError) as error:
        matcher("link", **parameters)
    assert error.value.pointer == pointer


@given(st.text(st.sampled_from("htps:/. wcom[]@#\u200bשלום0127localhost") | st.characters(), max_size=60))
def test_whatever_the_text_spans_are_within_it(text: str) -> None:
    draft = analyzed(text, links=(text,))
    for match in LINKS.matches(draft):
        assert match.span is None or draft.text_at(match.span)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ('<a href="localhost:3000/x">לינק</a>', "localhost:3000/x"),
        ("(localhost:8080/a)", "localhost:8080/a"),
        ("ראו ״localhost:3000/x״, היום", "localhost:3000/x"),
        ("Open localhost:3000/a?b=(c)&d.", "localhost:3000/a?b=(c)&d"),
        ("Open localhost/.", "localhost/"),
    ],
)
def test_a_local_address_ends_where_its_quotation_tag_or_sentence_does(text: str, link: str) -> None:
    assert [each.text for each in links_in(text)] == [link]
