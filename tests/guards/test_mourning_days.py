"""Sales on days of mourning, and food that a fast or a feast forbids, are found; opening hours are not."""

from __future__ import annotations

from datetime import datetime

import pytest

from kb.domain.draft import Draft
from kb.domain.guard import Severity
from kb.guards.analysis import AnalyzedDraft
from kb.guards.ruleset import CompiledGuard
from kb.search.concepts import ConceptTable

MEMORIAL_DAY = "2027-05-11T10:00+03:00"
YOM_KIPPUR = "2027-10-11T10:00+03:00"
TISHA_BAV = "2027-08-12T10:00+03:00"


def found(shipped: list[CompiledGuard], concepts: ConceptTable, text: str, at: str | None) -> set[str]:
    """The guards that stop a text for Israel or ask for caution, if it is published at a time."""
    moment = None if at is None else datetime.fromisoformat(at)
    draft = AnalyzedDraft(Draft(text=text, scheduled_at=moment, audience_countries=("IL",)), concepts)
    return {
        compiled.guard.key
        for compiled in shipped
        if compiled.guard.active and compiled.guard.severity is not Severity.NOTE
        if any(compiled.matches(draft))
    }


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("מבצע על המבורגרים", MEMORIAL_DAY),
        ("מבצע על כל החנות", MEMORIAL_DAY),
        ("המבצע הגדול של השנה", MEMORIAL_DAY),
        ("מבצעי האביב כאן", MEMORIAL_DAY),
        ("קפה שני חינם", MEMORIAL_DAY),
        ("A deal on burgers", MEMORIAL_DAY),
        ("Free second coffee", MEMORIAL_DAY),
        ("Crazy prices on TVs", MEMORIAL_DAY),
        ("יום כיפור: מבצע על המבורגרים", None),
        ("יום כיפור: מבצע על המבורגרים", YOM_KIPPUR),
    ],
)
def test_a_plain_sale_on_a_day_of_mourning_is_found(
    text: str, at: str | None, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert "mourning-day" in found(shipped, concepts, text, at)


@pytest.mark.parametrize(
    "text",
    [
        "ערב יום הזיכרון לשואה: החנויות ייסגרו ב-18:00. לאורך היום לא יתקיימו מבצעים ולא תושמע מוזיקה.",
        "On Holocaust Remembrance Day our shops close at six. There will be no sales and no music.",
        "Today we remember 9/11. We have paused all our promotions.",
        "Our Memorial Day sale is postponed. Today we remember the fallen.",
    ],
)
def test_a_sale_that_a_post_says_there_will_not_be_is_none(
    text: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert not found(shipped, concepts, text, None)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("מבצע צבאי על הגבול", MEMORIAL_DAY),
        ("מבצע על גבול לבנון נמשך", MEMORIAL_DAY),
        ("מבצע ההצלה נמשך גם הלילה", MEMORIAL_DAY),
        ("The peace deal on borders holds", MEMORIAL_DAY),
        ("החנות סגורה ביום הזיכרון. נפתח מחר ב-9:00", MEMORIAL_DAY),
        ("Our shop is closed today and opens tomorrow at 9", MEMORIAL_DAY),
        ("ביום כיפור החנות סגורה. נפתח במוצאי החג", YOM_KIPPUR),
        ("On Tisha B'Av we close at 18:00", TISHA_BAV),
        ("בתשעה באב המסעדה תיפתח אחרי הצום", TISHA_BAV),
    ],
)
def test_an_operation_or_a_notice_of_opening_hours_is_no_sale(
    text: str, at: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert not found(shipped, concepts, text, at)


@pytest.mark.parametrize(
    "text",
    [
        "We are closed on Memorial Day, all branches reopen Tuesday 9am",
        "Our branches and stores are closed on Yom HaZikaron. Deliveries resume Thursday.",
        "In memory of the fallen, our stores will be closed on Yom HaZikaron. Orders resume Thursday.",
        "Yom HaZikaron: no deliveries, and our shops do not open. Opening hours: visit our website",
        "ביום הזיכרון אנחנו סגורים, כל הסניפים נפתחים מחדש ביום רביעי ב-9:00",
        "ביום הזיכרון לא תהיה פעילות בסניפים. נחזור לפעול ביום רביעי",
        "הסניפים ייסגרו בערב יום הזיכרון ב-18:00. השירות בסניפים יחודש ביום חמישי",
        "ביום הזיכרון אין משלוחים בסניפי הרשת. המשלוחים מתחדשים ביום חמישי",
        "לזכר הנופלים, החנויות וחנות האונליין סגורות. שעות הפתיחה: היכנסו לאתר",
    ],
)
def test_a_closing_notice_that_names_branches_sells_nothing(
    text: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    for at in (None, "2027-05-10T10:00+03:00", MEMORIAL_DAY):
        assert not found(shipped, concepts, text, at), at


@pytest.mark.parametrize(
    "text",
    [
        "Our branches are closed on Yom HaZikaron, but 20% off online",
        "Our branches are closed on Yom HaZikaron, but the online store is open: shop now",
        "On Yom HaZikaron we're closed. Buy one get one when we reopen!",
        "Closed on Yom HaZikaron, reopening with a big sale Thursday!",
        "Stores are closed today for Yom HaZikaron, order online now",
        "סגורים ביום הזיכרון, אבל 20% הנחה באתר",
        "סגורים ביום הזיכרון, אבל אפשר להזמין באתר: הקולקציה החדשה נחתה",
        "הסניפים סגורים ביום הזיכרון, הזמינו עכשיו באתר",
        "החנויות סגורות ביום הזיכרון, אז קונים באתר במבצע",
        "לזכר הנופלים הסניפים סגורים, ובאתר 1+1 על הכול",
    ],
)
def test_a_closing_notice_that_sells_is_found(
    text: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    for at in (None, "2027-05-10T10:00+03:00", MEMORIAL_DAY):
        assert found(shipped, concepts, text, at), at


@pytest.mark.parametrize("text", ["מבצע צבאי", "מבצע על גבול לבנון", "מבצע על עזה", "המבצע על הגבול"])
def test_a_military_operation_is_war_and_no_discount(text: str, concepts: ConceptTable) -> None:
    touched = AnalyzedDraft(Draft(text=text), concepts).touched
    assert any(touch.clear for touch in touched["war"])
    assert not any(touch.clear for touch in touched.get("discount", ()))


@pytest.mark.parametrize(
    ("text", "guard"),
    [
        ("Tisha B'Av party! Steak for two, 99", "fast-and-feast"),
        ("מבצע תשעה באב: סטייק זוגי ב-99", "fast-and-feast"),
        ("Happy Passover! Fresh bread rolls, 1+1", "passover-and-bread"),
        ("פסח שמח! פיתות טריות 1+1", "passover-and-bread"),
    ],
)
def test_food_that_a_fast_or_a_feast_forbids_is_found(
    text: str, guard: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert guard in found(shipped, concepts, text, None)


@pytest.mark.parametrize(
    "text",
    [
        "Happy Passover! Our kosher for Passover cakes are here.",
        "Passover recipe of the day: matzah pizza with mushrooms.",
        "After Passover: fresh bread is back.",
        "Happy Passover! The bakery is closed until Sunday, then there is bread again.",
        "Fresh bread rolls every morning at seven.",
        "פסח שמח! לחמניות כשרות לפסח.",
        "פיצה ממצות: המתכון שלנו לפסח.",
        "מיד אחרי פסח הפיתות כאן.",
        "בפסח המאפייה סגורה. הלחם חוזר ביום ראשון.",
        "After Tisha B'Av: the grill is hot again, steak from nine.",
    ],
)
def test_food_that_is_allowed_or_comes_after_the_day_is_not(
    text: str, shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    assert not found(shipped, concepts, text, None)
