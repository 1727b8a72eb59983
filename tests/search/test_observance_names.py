"""A query names a day as people do, in any language, and the day's other names are found with it."""

from __future__ import annotations

import pytest

from kb.observances.names import groups, typed_names
from kb.search.observance_names import NamedDays, ObservanceNames, observance_names
from kb.search.words import words

# Names that several days have: who asks for one means any of them.
SHARED_NAMES = """
Mother's Day: mothers-day-us mothering-sunday-uk mothers-day-fr mothers-day-mx
יום האם: mothers-day-us family-day-il
Father's Day: fathers-day fathers-day-au fathers-day-de fathers-day-es-it
Children's Day: childrens-day childrens-day-june
Eid: eid-al-fitr eid-al-adha
Holocaust Remembrance Day: yom-hashoah holocaust-remembrance-intl
Thanksgiving: thanksgiving-us thanksgiving-ca
Black History Month: black-history-month-us black-history-month-uk
"""

NAMES = """
ramadan-start: Ramadan Ramadhan רמדאן רמדן הרמדאן רמאדן رمضان
mothers-day-us: Mothers'_Day Mothers_Day mother’s_day ליום_האם
family-day-il: Family_Day יום_המשפחה
christmas: Christmas Xmas כריסמס קריסמס חג_המולד בחג_המולד December_25
april-fools: April_Fools April_Fool's_Day april_fools'_day אחד_באפריל האחד_באפריל 1_באפריל April_1
black-friday: Black_Friday בלאק_פריידי בבלאק_פריידיי שישי_שחור
yom-hashoah: Yom_HaShoah יום_השואה ביום_השואה
holocaust-remembrance-intl: יום_השואה_הבינלאומי International_Holocaust_Remembrance_Day
sept-11: 9/11 September_11 Sept_11 Sept._11 11_בספטמבר אסון_התאומים
oct-7: October_7 Oct_7 7_October 7_באוקטובר השבעה_באוקטובר 7/10
independence-day-us: July_4th July_4 Fourth_of_July 4_ביולי Independence_Day
yom-haatzmaut: יום_העצמאות Yom_HaAtzmaut
may-day: May_Day May_1 1_במאי אחד_במאי
valentines-day: Valentines Valentine's_Day ולנטיינז ולנטיינס ולנטיין יום_ולנטיין ולנטיין_דיי
tu-bav: ט"ו_באב טו_באב בט"ו_באב Tu_B'Av
hanukkah: Hanukkah Chanukah חנוכה בחנוכה
pesach: Passover Pesach פסח לפסח לחג_הפסח
yom-kippur: Yom_Kippur כיפור יום_כיפור
halloween: Halloween ליל_כל_הקדושים האלווין הלואין
toilet-day: World_Toilet_Day יום_האסלה_העולמי יום_השירותים_העולמי
armenian-genocide: יום_הזיכרון_לרצח_העם_הארמני יום_הזיכרון_לשואה_הארמנית
pride-month: Pride Pride_Month חודש_הגאווה
womens-day: Women's_Day International_Women's_Day יום_האישה יום_האשה
earth-day: Earth_Day יום_כדור_הארץ
memorial-day-us: Memorial_Day
yom-hazikaron: יום_הזיכרון יום_הזכרון
remembrance-day: Remembrance_Day
veterans-day: Veterans_Day Veteran's_Day
juneteenth: Juneteenth ג'ונטינת'
mlk-day: MLK MLK_Day
super-bowl: Super_Bowl Superbowl סופרבול
cyber-monday: Cyber_Monday סייבר_מאנדיי
prime-day: Prime_Day פריים_דיי
singles-day: Singles'_Day 11.11 יום_הרווקים
new-years-eve: New_Year's_Eve סילבסטר
diwali: Diwali Deepavali דיוואלי
eid-al-fitr: Eid Eid_al-Fitr
thanksgiving-us: Thanksgiving חג_ההודיה
"""


TABLE = ObservanceNames(
    [
        ("black-friday", ["Black Friday", "בלאק פריידי"]),
        ("good-friday", ["Good Friday", "שישי הטוב"]),
        ("friday", ["Friday", "שישי"]),
        ("mothers-day", ["Mother's Day", "Mothers' Day", "יום האם"]),
        ("family-day", ["Family Day", "יום המשפחה", "יום האם"]),
    ],
    [("good-friday", ["1/4"])],
)


def keys_of(name: str) -> set[str]:
    """The observances that a query as a whole names."""
    query = words(name)
    return {
        key for days in observance_names().named(query) if days[:2] == (0, len(query)) for key in days.keys
    }


def test_the_other_names_of_a_day_are_found_with_it() -> None:
    assert TABLE.named("on Black Friday".split()) == [
        NamedDays(1, 3, ("black-friday",), (("בלאק", "פריידי"),))
    ]
    assert TABLE.named(["", "בשישי"]) == [NamedDays(1, 2, ("friday",), (("Friday",),))]


def test_a_name_that_is_only_typed_leads_to_the_names_and_is_none_of_them() -> None:
    (days,) = TABLE.named(["1", "4"])
    assert days.names == (("Good", "Friday"), ("שישי", "הטוב"))
    assert TABLE.named(["שישי", "הטוב"])[0].names == (("Good", "Friday"),)


def test_a_shared_name_means_each_of_its_days_and_their_other_names_do_not() -> None:
    (days,) = TABLE.named(["ליום", "האם"])
    assert days.keys == ("mothers-day", "family-day")
    assert days.names == (("Mother's", "Day"), ("Family", "Day"), ("יום", "המשפחה"))
    (family,) = TABLE.named(["family", "day"])
    assert (family.keys, family.names) == (("family-day",), (("יום", "המשפחה"), ("יום", "האם")))


def test_a_name_is_found_by_its_forms_with_particles_but_not_by_other_words() -> None:
    for text in ("פורנו", "בלפור", "מימון", "holy"):
        assert observance_names().named([text]) == [], text
    for text in ("בפורים", "לפורים", "המימונה"):
        assert observance_names().named([text]), text


def test_names_that_contain_the_name_or_another_one_are_left_out() -> None:
    (days,) = observance_names().named(["mothers", "day"])
    assert ("יום", "האם") in days.names
    assert [name for name in days.names if name[:2] == ("יום", "האם")] == [("יום", "האם")]
    assert [name for name in days.names if name[-1] == "Day" and "Mother's" in name] == []


def test_of_names_within_each_other_the_longest_counts() -> None:
    assert [days.keys for days in TABLE.named("black friday good friday friday".split())] == [
        ("black-friday",),
        ("good-friday",),
        ("friday",),
    ]


@pytest.mark.parametrize("line", NAMES.strip().splitlines())
def test_what_people_type_names_the_observance(line: str) -> None:
    key, names = line.split(": ")
    for name in names.split():
        assert key in keys_of(name.replace("_", " ")), name


@pytest.mark.parametrize("line", SHARED_NAMES.strip().splitlines())
def test_a_name_that_several_days_have_leads_to_each_of_them(line: str) -> None:
    name, keys = line.split(": ")
    assert set(keys.split()) <= keys_of(name)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Memorial Day", "yom-hazikaron"),
        ("יום הזיכרון", "memorial-day-us"),
        ("יום הזיכרון", "remembrance-day"),
        ("Independence Day", "independence-day-in"),
        ("יום העצמאות", "independence-day-us"),
        ('ט"ו באב', "valentines-day"),
        ("Family Day", "mothers-day-us"),
        ("Mother's Day", "womens-day"),
        ("שבועות", "shavuot"),  # weeks
        ("Patriots' Day", "sept-11"),
        ("Eid", "ramadan-start"),
    ],
)
def test_a_name_does_not_lead_to_another_day(name: str, key: str) -> None:
    assert key not in keys_of(name)


def test_every_name_leads_to_its_observance() -> None:
    for key, names in (*groups(), *typed_names()):
        for name in names:
            assert key in keys_of(name), name


def test_a_day_is_named_within_a_longer_query() -> None:
    query = words("ad offends before Holocaust Remembrance Day in Tel Aviv")
    (days,) = observance_names().named(query)
    assert (days.start, days.end) == (3, 6)
    assert ("יום", "השואה") in days.names
    assert tuple(observance_names().entries())
