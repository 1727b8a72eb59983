"""Texts that name, blame or expose persons get hints, and other texts do not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import phrases
from kb.domain.blameless import BlamelessRules
from kb.domain.phrases import Word
from kb.services.review.blameless_rules import load
from kb.yaml_text import read_yaml
from tests.support.api import REPOSITORY

SEEDS = REPOSITORY / "seeds"


SHIPPED = SEEDS / "blameless.yaml"


CONFIGURATION = load(SHIPPED)


RULES = BlamelessRules(CONFIGURATION)


def _noted(text: str, *allowed: str) -> list[tuple[str, str]]:
    return [(note.kind, note.passage) for note in RULES.hints(text, allowed=allowed)]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("It was Human Error.", "Human Error"),
        ("It was a human-error problem.", "human-error"),
        ("He should have\nknown better.", "should have\nknown better"),
        ("The intern’s fault, they said.", "intern’s fault"),
        ("She didn't bother to check.", "didn't bother"),
        ("The intern was to blame.", "was to blame"),
        ("זו הייתה טעות אנוש.", "טעות אנוש"),
        ("וברשלנותו, כלומר ברשלנות.", "ברשלנות"),
        ("שבטעות אנוש נמחק", "שבטעות אנוש"),
        ("העורך החסר אחריות", "החסר אחריות"),
        ("העורך חסר האחריות", "חסר האחריות"),
        ("הוא רַשְׁלָן", "רַשְׁלָן"),
        ("הוא היה צריך לדעת", "היה צריך לדעת"),
        ('ב"רשלנות"', 'ב"רשלנות'),
        ("הוא לא־יוצלח", "לא־יוצלח"),
        ("It was hu\u00adman er\u200bror.", "hu\u00adman er\u200bror"),
        ("זו הייתה טעו\u200dת אנוש.", "טעו\u200dת אנוש"),
    ],
)
def test_a_blaming_phrase_is_reported_verbatim(text: str, passage: str) -> None:
    assert _noted(text) == [("blame", passage)]


@pytest.mark.parametrize(
    "text",
    [
        "The team failed to check the draft, made a mistake and apologized for the error.",
        "The company tried to blame a hacker. An unfinished draft suggests incompetence.",
        "It was a staff error. Careful editors check twice. The pages use lazy loading.",
        "Nobody was careless, and it was not his fault.",
        "It was human. Errors followed.",
        "זו הייתה טעות, בשוגג, ומחדל של התהליך. הטיפול נמשך והרשת סערה.",
        "איש לא התרשל. הוא הודה באשמתו. הוגשה תביעת רשלנות.",
    ],
)
def test_neutral_analysis_is_not_reported(text: str) -> None:
    assert _noted(text) == []


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("The post was written by Dana Levi.", "Dana Levi"),
        ("It was David Okafor's draft", "David Okafor"),
        ("as Jean-Paul Marchand said", "Jean-Paul Marchand"),
        ("as Mary A. O'Brien said", "Mary A. O'Brien"),
        ("as Anna van Dijk said", "Anna van Dijk"),
        ("as Mary Ann Smith-Jones said", "Mary Ann Smith-Jones"),
        ("as Will Johnson said", "Will Johnson"),
        ("and Mr. Okafor agreed", "Mr. Okafor"),
        ("and Ms Jones agreed", "Ms Jones"),
        ("an intern at the agency named Dana posted it", "Dana"),
        ("דנה כהן כתבה", "דנה כהן"),
        ("הטיוטה נשלחה לדנה כהן", "לדנה כהן"),
        ("יוסי מזרחי אישר", "יוסי מזרחי"),
        ("ירון רוזנצוויגשטיין אישר", "ירון רוזנצוויגשטיין"),
        ("משה בן שלום אישר", "משה בן שלום"),
        ("כך אמר מר לוי", "מר לוי"),
        ("ולגב' אלמלח נמסר", "ולגב' אלמלח"),
        ("גברת כהן אישרה", "גברת כהן"),
        ('ד"ר לוי אישר', 'ד"ר לוי'),
        ("עובדת בשם שקד פרסמה", "שקד"),
    ],
)
def test_a_private_person_is_reported(text: str, passage: str) -> None:
    assert _noted(text) == [("person", passage)]


@pytest.mark.parametrize(
    "text",
    [
        "Grace period. Will they apologize? May 2018, Black Friday 2017, April Fools, Summer Sale.",
        "Shops in Jordan and along the Jordan River. Mark Earth Day. Chase Bank. Hope Springs.",
        "The Victoria Line, San Jose Sharks, St. Louis Blues, Hurricane Katrina, John Smith Street.",
        "David, who was on duty. Laura posted it. Sarah On Friday",
        "Jeff Bezos, Ted Cruz, Rihanna, Chris Brown's assault, Sarah Silverman and Jim Lovell.",
        "After Chris Brown was named, Mr. Brown answered.",
        "Jack Daniel's, Tommy Hilfiger, Wendy's Twitter account, Ben & Jerry's Ice Cream, Dr. Pepper",
        "Lockheed Martin Space, Calvin Klein Jeans, a customer named Wendy's in a tweet",
        "ג'ף בזוס, טד קרוז, לריהאנה, ושכריס בראון, שרה סילברמן וג׳ים לאוול",
        'הטעם מר מאוד. הגברת הראשונה. הגברת התחרות. עובד בשם החברה. ד"ר לכימיה.',
        "שיר מזרחי, אור שמש, בר צרפתי, תל אביב יפו, רחוב דוד כהן, חן של ילדים, דנה בנושא הוועדה",
    ],
)
def test_text_that_only_resembles_a_private_person_is_not_reported(text: str) -> None:
    assert _noted(text) == []


def test_the_organization_of_an_incident_can_be_named() -> None:
    assert _noted("Dana Levi and Ms. Levi answered.") != []
    assert _noted("Dana Levi and Ms. Levi answered.", "Dana Levi (Levi Bakery)") == []
    assert _noted("דנה כהן ענתה, ולגב' כהן נמסר", "דנה כהן") == []
    assert _noted("Dana Levi and Anna Roth answered.", "Dana Levi") == [("person", "Anna Roth")]
    assert _noted("Wendy Roth answered.", "Wendy's") == [("person", "Wendy Roth")]


@pytest.mark.parametrize(
    "contact",
    [
        "dana.levi@example.com",
        "d_l+kb@mail.example.co.il",
        "+972-50-123-4567",
        "+972 50 1234567",
        "050-1234567",
        "03-123-4567",
        "(202) 555-0143",
        "202-555-0143",
        "+1 202 555 0143",
        "+44 20 7946 0958",
    ],
)
def test_personal_contact_data_is_reported(contact: str) -> None:
    assert _noted(f"Write to {contact}.") == [("contact", contact)]
    assert _noted(f"אפשר לפנות: {contact}, בערב") == [("contact", contact)]


@pytest.mark.parametrize(
    "text",
    [
        "On 2018-04-22, 22.04.2018 or 04/22/2018 at 10:30, between 2017-2018",
        "800 million, 800,000,000, $800-000-0000, 1,200,000 views, +12 500 000 000, +4000000000, 4%",
        "ISBN 978-0-306-40615-7, version 3.11.2, id 1034567890123456789, 192.168.100.100, 03-2018",
        "press@acme.com, info@acme.com, @McDonalds, https://example.com/@dana, 1-800-555-0143",
    ],
)
def test_dates_amounts_and_addresses_of_organizations_are_not_contact_data(text: str) -> None:
    assert _noted(text) == []


def test_the_six_seeded_cases_get_no_hint() -> None:
    paths = sorted((SEEDS / "incidents").glob("*.yaml"))
    assert len(paths) == 6
    for path in paths:
        for text in _texts(read_yaml(path.read_text("utf-8"))):
            assert _noted(text) == [], path.name


def test_a_hint_says_in_both_languages_what_to_write_instead() -> None:
    text = "Dana Levi was careless: dana@example.com"
    notes = RULES.hints(text)
    assert [note.kind for note in notes] == ["person", "blame", "contact"]
    assert all(note.detail.keys() == {"en", "he"} for note in notes)
    assert "role" in notes[0].detail["en"]
    assert len({note.detail["he"] for note in notes}) == 3


def test_a_passage_gets_one_hint() -> None:
    assert _noted("Careless, yes: careless. Dana Levi asked Dana Levi's editor.") == [
        ("blame", "Careless"),
        ("person", "Dana Levi"),
    ]


def test_empty_rules_report_neither_persons_nor_blame() -> None:
    assert BlamelessRules({}).hints("Dana Levi was careless. Mr. Smith, מר לוי") == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        *("a@", "a.", "a-@", "+1", "05", "0-", "(2", "John ", "John-", "J. ", "Mr. ", "is to ", "his "),
        *("דנה ", "וב", "מר ", "'", "a'", 'א"', "\u05b0", "é", "@", " ", "\n", "Will ", "Chris Brown "),
    ],
)
def test_a_hostile_text_is_checked_in_bounded_time(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    notes = RULES.hints(text, allowed=[piece * 50, piece])
    assert sum(len(note.passage) for note in notes) <= len(text)


_WORDS = [
    *(
        "Dana",
        "Levi",
        "Mr.",
        "Jean",
        "-",
        "'s",
        "’",
        ". ",
        " ",
        "\n",
        "careless",
        "was to blame",
        "@",
        "a.co",
    ),
    *(
        "דנה",
        "כהן",
        "מר",
        "גב'",
        'ד"ר',
        "בשם",
        "עובד",
        "ו",
        "ב",
        "רשלן",
        "\u05b7",
        "־",
        "+972",
        "50",
        "123-4567",
    ),
    *("İ", "ﬁ", "ß", "שׁ", "\u200f", "ǅ"),
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(_WORDS)).map("".join)), st.lists(st.text(), max_size=3))
def test_any_text_is_accepted_and_a_hint_points_at_its_passage(text: str, allowed: list[str]) -> None:
    end = 0
    for note in RULES.hints(text, allowed=allowed):
        assert note.passage
        assert note.start >= end
        end = note.start + len(note.passage)
        assert note.passage == text[note.start : end]


def test_only_the_words_that_a_rule_may_begin_with_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def noted(text: str, *others: Any) -> Word:
        made.append(text)
        return Word(text, *others)

    monkeypatch.setattr(phrases, "Word", noted)
    neutral = "zebra okapi tapir " * 400
    assert _noted(f"{neutral}It was a careless mistake.")
    assert len(made) < 20 < len(neutral.split())
