"""Likely duplicates, offered when an incident is filed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.api import Api

REPORT = "https://www.example.com/news/acme-joke/?utm_source=mail#top"


SAME_REPORT = "http://example.com/news/acme-joke"


def _offered(filed: dict[str, Any]) -> dict[int, list[str]]:
    return {each["incident"]["id"]: each["reasons"] for each in filed["likely_duplicates"]}


def test_likely_duplicates_are_offered_with_reasons(any_role: Callable[..., Api]) -> None:
    api = any_role("contributor")
    first = api.file(organization="ACME Ltd.", occurred_on="2019-03", title="A joke on the wrong account")
    report = {"sources": [{"title": "A report", "url": REPORT}]}
    second = api.file(organization="Wonka", title="Chocolate fountain", summary="It flowed.", **report)
    assert _offered(first) == _offered(second) == {}
    again = api.file(
        organization="Acme, Ltd",
        occurred_on="2019-04-20",
        title="Wrong account: a joke",
        sources=[{"title": "The same report", "url": SAME_REPORT}],
    )
    assert _offered(again) == {
        first["id"]: ["same_organization_and_time", "similar_text"],
        second["id"]: ["same_source"],
    }


@pytest.mark.parametrize(
    "copied",
    [
        "https://web.archive.org/web/2019/http://example.com/כתבה",
        "https://m.example.com/%D7%9B%D7%AA%D7%91%D7%94?fbclid=1",
    ],
)
def test_a_report_is_the_same_source_however_its_link_was_copied(contributor: Api, copied: str) -> None:
    link = {"title": "A report", "url": "https://www.example.com/כתבה"}
    first = contributor.file(organization="Wonka", title="Chocolate fountain", sources=[link])
    again = contributor.file(
        organization="Acme", occurred_on="2001", summary="It flowed.", sources=[{**link, "url": copied}]
    )
    assert "same_source" in _offered(again)[first["id"]]


def test_accents_and_invisible_characters_hide_no_duplicate(contributor: Api) -> None:
    first = contributor.file(
        organization="Ørsted",
        language="fr",
        title="Logo dévoilé, clientèle indignée",
        summary="Une idée générée, préférée, présentée, étudiée, gênée.",
    )
    again = contributor.file(
        organization="Another",
        occurred_on="2001",
        language="fr",
        title="Logo devoile, clientele indi\u00adgnee",
        summary="Une idee generee, preferee, presentee, etudiee, genee.",
    )
    assert _offered(again) == {first["id"]: ["similar_text"]}


@pytest.mark.parametrize(
    "other",
    [
        {"occurred_on": "2021-03-02", "title": "Another year", "summary": "Nothing alike happened."},
        {"organization": "Wonka", "title": "Chocolate", "summary": "The fountain overflowed at night."},
    ],
)
def test_a_weak_resemblance_is_not_offered(contributor: Api, other: dict[str, str | None]) -> None:
    contributor.file()
    assert _offered(contributor.file(**other)) == {}


def test_an_undated_incident_matches_any_time(contributor: Api) -> None:
    dated = contributor.file()["id"]
    undated = contributor.file(occurred_on=None, title="Undated", summary="Nobody knows when.")
    assert _offered(undated) == {dated: ["same_organization_and_time"]}
    again = contributor.file(occurred_on="2024", title="Later", summary="Something else entirely.")
    assert _offered(again) == {undated["id"]: ["same_organization_and_time"]}


def test_similar_text_is_recognized_in_hebrew_and_in_a_translation(contributor: Api) -> None:
    hebrew = {
        "title": "בדיחה פרטית פורסמה בחשבון של המותג",
        "summary": "עובד פרסם בטעות בדיחה פרטית בחשבון הרשמי, והיא נמחקה אחרי עשר דקות.",
    }
    first = contributor.file()
    translation = {**hebrew, "cause": "סיבה", "outcome": "תוצאה"}
    contributor.put(f"/incidents/{first['id']}/translations/he", translation, If_Match="*")
    other = {"organization": "אחרת", "occurred_on": "2023", "language": "he"}
    again = contributor.file(**other, title="בחשבון המותג פורסמה בדיחה פרטית", summary=hebrew["summary"])
    assert _offered(again) == {first["id"]: ["similar_text"]}
    listed = contributor.get(f"/incidents/{again['id']}/duplicates").get_json()["items"]
    assert [each["incident"]["id"] for each in listed] == [first["id"]]


STORY = {
    "organization": "Globex",
    "occurred_on": "2019-06-14",
    "title": "A supermarket sells picnic baskets with a photo of a flooded village",
    "summary": (
        "On the morning after a river had flooded three villages, the supermarket's account posted a photo "
        "of a drowned street, and offered picnic baskets for the long weekend. Residents who had lost their "
        "homes answered angrily. The post was deleted after four hours, and the company donated blankets."
    ),
    "category": "tone-deaf",
}

IN_OTHER_WORDS = {
    "organization": "Globex Retail GmbH",
    "title": "Baskets for a picnic, advertised with a drowned street",
    "summary": (
        "Hours after the flood, a grocery chain used a picture of a street under water to sell baskets for "
        "the weekend. People from the villages who were without a home wrote furious replies. It took the "
        "chain until noon to delete the offer; later it gave blankets to the residents."
    ),
}

LOOSELY_RETOLD = {
    "organization": "Umbrella",
    "title": "High water as a backdrop for a summer promotion",
    "summary": (
        "Nobody in marketing had heard that a river had flooded three villages when they chose a photo of a "
        "drowned street for the long weekend. Their anger fills the comments: families had lost homes, pets "
        "and pictures. A manager took the campaign down around noon, and a truck with blankets set out on "
        "Sunday."
    ),
}

IN_HEBREW = {
    "language": "he",
    "organization": "גלובקס",
    "title": "סופרמרקט פרסם סלים לפיקניק עם צילום של כפר מוצף",
    "summary": (
        "בבוקר אחרי שהנהר הציף שלושה כפרים העלתה רשת הסופרמרקטים צילום של רחוב מוצף והציעה סלים לפיקניק בסוף "
        "השבוע. תושבים שאיבדו את הבית הגיבו בכעס. הפוסט נמחק אחרי ארבע שעות, והחברה תרמה אוכל ושמיכות."
    ),
}


@pytest.mark.parametrize("other", [IN_OTHER_WORDS, IN_HEBREW])
@pytest.mark.parametrize("occurred_on", ["2019-06", "2019-06-17"])
def test_the_same_story_in_other_words_or_another_language_is_offered(
    contributor: Api, other: dict[str, str], occurred_on: str
) -> None:
    first = contributor.file(**STORY)
    again = contributor.file(**{**STORY, **other, "occurred_on": occurred_on})
    assert {*_offered(again)} == {first["id"]}


def test_of_another_time_only_nearly_the_same_is_offered(contributor: Api) -> None:
    first = contributor.file(**STORY)
    retold = {**STORY, **LOOSELY_RETOLD}
    near = contributor.file(**{**retold, "occurred_on": "2019-06"})
    assert _offered(near) == {first["id"]: ["similar_text_and_time"]}
    contributor.delete(f"/incidents/{near['id']}", If_Match="*")
    assert _offered(contributor.file(**{**retold, "occurred_on": "2019"})) == {}


def test_a_replayed_filing_offers_the_same_duplicates(contributor: Api) -> None:
    first = contributor.file()
    body = {"organization": "Acme", "title": "A reply", "category": "offensive", "occurred_on": "2019"}
    filed = contributor.post("/incidents", body, Idempotency_Key="k")
    again = contributor.post("/incidents", body, Idempotency_Key="k")
    assert filed.get_json() == again.get_json()
    assert _offered(filed.get_json()) == {first["id"]: ["same_organization_and_time"]}
