"""Guards of the type `placeholder`. The texts are in placeholder_texts.yaml."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.guards.errors import GuardError
from kb.guards.patterns.pattern_set import PatternSet
from kb.guards.placeholders.shipped_forms import shipped_forms, slip_forms
from kb.yaml_text import read_yaml
from tests.support.guard_matches import analyzed, found, matcher

TEXTS: dict[str, dict[str, list[str]]] = read_yaml(
    Path(__file__).with_name("placeholder_texts.yaml").read_text("utf-8")
)
BY_LANGUAGE = pytest.mark.parametrize("language", ["en", "he"])

UNFINISHED = matcher("placeholder")
ANYTHING = matcher("placeholder", kinds=["form", "note", "slip"])
MARK = re.compile("⟦(.*?)⟧")
HIDDEN = "\u200b\u200d\u00ad\u2060\u200f"


def plain(text: str) -> str:
    return MARK.sub(r"\1", text)


@BY_LANGUAGE
def test_unfinished_text_is_found_where_it_stands(language: str) -> None:
    expected = {text: MARK.findall(text) for text in TEXTS["unfinished"][language]}
    assert {text: found(UNFINISHED, plain(text)) for text in expected} == expected


@BY_LANGUAGE
def test_finished_text_is_left_alone(language: str) -> None:
    texts = TEXTS["finished"][language]
    assert {text: parts for text in texts if (parts := found(UNFINISHED, text))} == {}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Black Friday **** Need copy and link****", "is a placeholder"),
        ("Dana - can you check the price with Yossi before this goes out?", "is a note to a colleague"),
        ("New flavors: lemon/mango pls check price w Yossi", "is a note to a colleague"),
        ("טעמים חדשים: לימון/מנגו לבדוק מחיר עם יוסי", "is a note to a colleague"),
        ("נפתח ב-[תאריך]", "is a placeholder"),
        ("Hi FIRST_NAME, welcome", "is a placeholder"),
        ("Dana, תאשרי?", "is a note to a colleague"),
        ("דנה, תאשרי?", "is a note to a colleague"),
        ("Sale! xxxx awaiting headline from design xxxx", "is a note to a colleague"),
        ("As an AI language model, I cannot browse", "is left over from a text generator"),
        ("בתור מודל שפה אין לי גישה לאתר", "is left over from a text generator"),
        ("FINAL_v2_approved Winter sale", "is the name of a file"),
        ("file:///home/x.png", "is the name of a file"),
        ("Test test 123", "is left over from a test"),
        ("asdf", "is left over from a test"),
    ],
)
def test_a_message_may_say_what_an_unfinished_part_is(text: str, kind: str) -> None:
    kinds = {match.values["kind"]["en"] for match in ANYTHING.matches(analyzed(text))}
    assert kinds == {kind}


@given(st.sampled_from(TEXTS["unfinished"]["en"] + TEXTS["unfinished"]["he"]), st.data())
def test_invisible_characters_between_letters_hide_nothing(text: str, data: st.DataObject) -> None:
    text = plain(text)
    place = data.draw(st.integers(0, len(text)))
    disguised = text[:place] + data.draw(st.sampled_from(HIDDEN)) + text[place:]
    assert ["".join(c for c in part if c not in HIDDEN) for part in found(UNFINISHED, disguised)] == found(
        UNFINISHED, text
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Price Т\u0412D", ["Т\u0412D"]),  # Cyrillic letters
        ("Price ＴＢＤ", ["ＴＢＤ"]),
        ("Hi \u202a{{name}}\u202c", ["{{name}}"]),
        ("🦓 \ud800 [insert link]", ["[insert link]"]),
        ("<p>Hi %FIRSTNAME%</p>", ["%FIRSTNAME%"]),
        ("First line\r\nneed copy and link\r\nlast", ["need copy and link"]),
    ],
)
def test_look_alikes_surrogates_and_markup_hide_nothing(text: str, parts: list[str]) -> None:
    assert found(UNFINISHED, text) == parts


@given(
    st.text(
        alphabet=st.sampled_from("TBDKX [](){}<>%*$#_|\n-:.,aלינק\u200b1é") | st.characters(), max_size=80
    )
)
def test_what_is_found_stands_in_the_text_in_order_and_apart(text: str) -> None:
    draft = analyzed(text)
    end = 0
    for match in UNFINISHED.matches(draft):
        assert match.span is not None
        assert end <= match.span.start < match.span.end <= len(text)
        assert draft.text_at(match.span)
        end = match.span.end


_PIECES = (
    *"[](){}<>_*#%@|/:,.!?–-\"״ \n",
    "[_]", "[.*]", "new", "sale", "your", "here", "name", "link", "חדש", "שם", "כאן", "x", "9", "00", "8:15",
    "May", "%", "ש״ח", "are on", "https://", "&amp;",
)  # fmt: skip
"""Signs and words that rules look at, also where nothing but signs is between brackets."""


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_any_row_of_signs_and_words_is_examined(text: str) -> None:
    for match in ANYTHING.matches(analyzed(text)):
        assert match.span is not None
        assert text[match.span.start : match.span.end].strip()


@pytest.mark.no_cover
def test_every_pattern_compiles_for_short_texts_and_for_long_ones() -> None:
    patterns = [rule.pattern for rule in (*shipped_forms(), *slip_forms())]
    rules = PatternSet(patterns, ignore_case=False)
    for number in range(len(patterns)):
        for text in ("short", "long " * 10_000):
            assert rules.compiled(number, text).groups >= 0


def test_an_announced_link_is_missing_only_where_there_is_none() -> None:
    assert found(UNFINISHED, "Tickets: link here") == ["link here"]
    assert found(UNFINISHED, "Tickets: link here https://shop.example.com/a") == []
    assert found(UNFINISHED, "Tickets: link here", links=("https://shop.example.com/a",)) == []
    assert found(UNFINISHED, "Tickets: (link here) https://shop.example.com/a") == ["(link here)"]


def test_a_reader_is_addressed_by_name_in_a_text_about_templates_too() -> None:
    assert found(UNFINISHED, "Hi {{first_name}},\nour new templates for developers are out") == [
        "{{first_name}}"
    ]
    assert found(UNFINISHED, "Write `Hi {{first_name}},` in your templates") == []


SLIPS = matcher("placeholder", kinds=["slip"])


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("We are make making our own pasta.", ["make making"]),
        (
            "The market is back this Sunday. The market is back this Sunday.",
            ["The market is back this Sunday"],
        ),
        (
            "Our pool opens on Saturday at ten. Bring a towel, some water and plenty of sun cream for the",
            ["the"],
        ),
        ("הבריכה נפתחת בשבת והכניסה חופשית לכל מאה המבקרים הראשונים, אז תביאו מגבת ואת", ["ואת"]),
        (
            "We thank everyone who came on Sunday and hope to see all of you again by the harbo",
            ["harbo"],
        ),
        ("Thank you for nine happy years on the pier. With love from everyone at Bakery Altivane", []),
        ("Wait for it… wait for it…", []),
        ("Location, location, location: two rooms.", []),
        ("Walk in at any of our stores.", []),
    ],
)
def test_slips_are_found_by_a_kind_of_their_own(text: str, parts: list[str]) -> None:
    assert found(SLIPS, text) == parts


@BY_LANGUAGE
def test_what_may_be_a_remark_or_a_gap_is_found_where_it_stands(language: str) -> None:
    expected = {text: MARK.findall(text) for text in TEXTS["slips"][language]}
    assert {text: found(SLIPS, plain(text)) for text in expected} == expected


@pytest.mark.parametrize(
    "text",
    [
        '"We [the players] never stopped believing," said the captain.',
        "Saturday, 8pm [sold out]. Sunday, 3pm [last 6 tickets].",
        "[Spoilers ahead] Who did you think it was?",
        "Fish and/or chips, eat in/take away.",
        "Send your NAME and your CITY to the desk.",
        "Men / Women / Kids",
        "May 31 is the last day.",
        "It was (as promised) the best soup in town.",
        "Our members (and who isn't one?) eat free.",
        "Free flu shots all week (check with your doctor if you take blood thinners).",
        "Fridays: ask Dana at the bar about the wine of the week.",
        "Road closed until noon (the old map still shows it as open).",
        "We print your logo in size A3 under the collar, next to the title of your team.",
        "Send us a PDF and we will send you a corrected proof within a day.",
        "We'll send you the link when the webinar starts.",
        "כרטיסים [אזלו] ליום שישי.",
        "אפשר לשאול את הרוקח אם היא מתאימה",
        "המפה הישנה תלויה בכניסה (המפה ישנה, מ-1890)",
        "נשלח לכם לינק כשההרצאה מתחילה",
        "עד 31 במאי.",
        "אכלנו, שתינו (וגם שרנו) עד הבוקר.",
    ],
)
def test_signs_that_readers_know_are_no_slips(text: str) -> None:
    assert found(SLIPS, text) == []


def test_a_team_has_marks_of_its_own() -> None:
    guard = matcher("placeholder", marks=["KLÄR", "בטיפול", "(!!)", "pls fix"])
    assert found(guard, "KLÄR: klär, KLÄRUNG (!!) Pls Fix בטיפול, בטיפולים") == [
        "KLÄR",
        "(!!)",
        "Pls Fix",
        "בטיפול",
    ]


@pytest.mark.parametrize("kinds", [[], ["note"], ["slip"]])
def test_the_marks_of_a_team_are_found_whatever_else_is(kinds: list[str]) -> None:
    guard = matcher("placeholder", kinds=kinds, marks=["(!!)"])
    assert found(guard, "Our boots (!!) are back in all shops.") == ["(!!)"]


def test_nothing_is_found_in_an_exception() -> None:
    guard = matcher("placeholder", **{"except": ["TBD Fest", "[insert coin]"]})
    assert found(guard, "TBD  Fest: [Insert  coin], price TBD") == ["TBD"]


@pytest.mark.parametrize(
    "parameters", [{"marks": "TBD"}, {"marks": [""]}, {"mark": ["TBD"]}, {"except": [1]}]
)
def test_invalid_parameters_are_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(GuardError) as error:
        matcher("placeholder", **parameters)
    assert error.value.pointer.startswith(f"/parameters/{next(iter(parameters))}")


@pytest.mark.parametrize(
    ("text", "unfinished"),
    [
        ("גרסה: להוסיף טקסט\r\nעוד שורה\r\n", ["גרסה: להוסיף טקסט"]),
        ("Boots\tTBD", ["TBD"]),
        ("Boots\r\n\tTBD\t\r\n", ["TBD"]),
    ],
)
def test_a_finding_has_no_space_or_line_end_around_it(text: str, unfinished: list[str]) -> None:
    assert found(UNFINISHED, text) == unfinished
