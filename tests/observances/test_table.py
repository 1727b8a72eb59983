"""The table of observances is complete, and its names lead to their observances."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from kb.observances.names import MAX_NAME_WORDS, groups
from kb.observances.table import ObservanceError, observances, parse_table
from kb.search.analysis import words
from kb.search.hebrew import candidate_stems
from kb.search.synonyms import MAX_ENTRY_WORDS, Synonyms, lookup_key

ROW = {
    "key": "christmas",
    "rule": "fixed:12-25",
    "countries": ["*"],
    "kind": "religious",
    "tone": "fine",
    "names": {"en": "Christmas", "he": "חג המולד"},
}

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
valentines-day: Valentines Valentine's_Day ולנטיינז ולנטיינס ולנטיין
tu-bav: ט"ו_באב טו_באב בט"ו_באב Tu_B'Av
hanukkah: Hanukkah Chanukah חנוכה בחנוכה
pesach: Passover Pesach פסח לפסח לחג_הפסח
yom-kippur: Yom_Kippur כיפור יום_כיפור
halloween: Halloween ליל_כל_הקדושים הלואין
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


def keys_of(name: str) -> set[str]:
    """The observances that a query has in mind, looked up as synonyms are."""
    found = set()
    for key in candidates(tuple(words(name))):
        found |= KEYS.get(key, set())
    return found


def candidates(entry: tuple[str, ...]) -> list[tuple[str, ...]]:
    keys: list[tuple[str, ...]] = [()]
    for word, term in zip(entry, lookup_key(entry), strict=True):
        forms = {term, *(candidate_stems(term) if "א" <= word[0] <= "ת" else ())}
        keys = [(*key, form) for key in keys for form in forms]
    return keys


def index_names() -> dict[tuple[str, ...], set[str]]:
    keys = defaultdict(set)
    for key, names in groups():
        for name in names:
            keys[lookup_key(tuple(words(name)))].add(key)
    return dict(keys)


KEYS = index_names()


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
    for key, names in groups():
        for name in names:
            assert key in keys_of(name), name


def test_names_are_phrases_that_a_query_can_have() -> None:
    assert MAX_NAME_WORDS == MAX_ENTRY_WORDS
    for key, names in groups():
        assert len(names) == len(set(names)) <= 40, key
        for name in names:
            assert 1 <= len(words(name)) <= MAX_ENTRY_WORDS, name


def test_every_alias_is_among_the_names_of_its_observance() -> None:
    names = dict(groups())
    for key, observance in observances().items():
        for aliases in observance.aliases.values():
            assert set(aliases) <= set(names[key]), key


def test_the_names_can_be_synonyms_as_they_are() -> None:
    table = Synonyms([names for _, names in groups()])
    others = {other for _, _, entries in table.alternatives(["Mothers", "Day"]) for other in entries}
    assert ("יום", "האם") in others


def test_every_observance_has_a_name_that_is_typed_in_each_language() -> None:
    names = dict(groups())
    for key, observance in observances().items():
        for language in ("en", "he"):
            assert observance.names[language], key
            assert set(observance.all_names(language)) & set(names[key]), (key, language)


def test_countries_are_codes_or_the_world() -> None:
    for key, observance in observances().items():
        for country in observance.countries:
            assert country == "*" or (len(country) == 2 and country.isupper()), key


def test_every_observance_is_read_with_its_advice() -> None:
    shoah = observances()["yom-hashoah"]
    assert (shoah.kind, shoah.tone, shoah.countries) == ("commemoration", "no-promotion", ("IL", "*"))
    assert (shoah.year_of_event, shoah.days_after) == (None, 0)
    assert shoah.note
    assert observances()["tulsa"].year_of_event == 1921
    assert observances()["hanukkah"].days_after == 7
    assert shoah.all_names("he")[0] == "יום השואה והגבורה"
    assert shoah.all_names("fi") == ()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({}, "observances"),
        ({"observances": "christmas"}, "observances"),
        ({"observances": [ROW, ROW]}, "twice"),
        ({"observances": [{**ROW, "rule": "fixed:25-12"}]}, "christmas: '25-12'"),
        ({"observances": [{**ROW, "shift": "friday"}]}, "christmas: 'friday'"),
        ({"observances": [{**ROW, "kind": "feast"}]}, "kind is one of"),
        ({"observances": [{**ROW, "tone": "cheerful"}]}, "tone one of"),
        ({"observances": [{**ROW, "date": "12-25"}]}, "must have"),
        ({"observances": [{"key": "christmas"}]}, "must have"),
    ],
)
def test_a_table_with_a_mistake_says_what_to_change(rows: Any, message: str) -> None:
    with pytest.raises(ObservanceError, match=message):
        parse_table(rows)
