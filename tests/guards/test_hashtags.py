"""Guards of the type `hashtag`: tags that can be read in another way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.guards.errors import GuardError
from tests.support.guard_matches import analyzed, found, matcher

HASHTAGS = matcher("hashtag")

SECOND_READINGS = {
    "#susanalbumparty": "sus anal bum party",
    "#SUSANALBUMPARTY": "sus anal bum party",
    "#Susanalbumparty2027": "sus anal bum party",
    "#whorepresents": "whore presents",
    "#nowthatchersdead": "now that chers dead",
    "#therapistfinder": "the rapist finder",
    "#expertsexchange": "expert sex change",
    "#penisland": "penis land",
    "#penistones": "penis tones",
    "#speedofart": "speedo fart",
    "#sus\u200banalbumparty": "sus anal bum party",
}
ORDINARY = (
    "#SusanAlbumParty #WhoRepresents #TherapistFinder #who_represents #therapist #therapists #analyst "
    "#cumin #blackfriday #mothersday #classicalmusic #glassart #compassrose #peacockfeathers "
    "#bassplayer #grassroots #assassinscreed #massagetherapy #vacuumcleaner #dietcoke #bodypositivity "
    "#essexgirls #scunthorpeunited #cocktailhour #documentaryfilm #passthesalt #hellokitty "
    "#shiitakemushrooms #grapejuice #analyticsweek #sexeducation #suicideprevention #killerdeals "
    "#breastcancerawareness #deadlines #thewalkingdead #studies #shoplocal #girlswhocode "
    "#blacklivesmatter #foodphotography #tasteofitaly #beachlife #coffeelover #mcdstories #שבתשלום "
    "#penistone #visitpenistone #penistoneshow #clitheroefoodfestival #lovecockington #scunthorpemarket "
    "#peekskillparade #visittitirangi #הרגלבוע #מטייליםבהרגריזים "
    "#יוםהולדתשמח #חגשמח #מבצעיסוףעונה #אוהביםאתהבית #פסח2027"
).split()


def readings(text: str) -> list[str]:
    return [match.values["reading"][""] for match in HASHTAGS.matches(analyzed(text))]


def test_a_tag_in_one_case_with_a_second_reading_is_found() -> None:
    for tag, reading in SECOND_READINGS.items():
        assert readings(f"Join us {tag} today") == [reading], tag
        assert found(HASHTAGS, f"Join us {tag} today") == [tag]


def test_ordinary_tags_and_divided_ones_are_left_alone() -> None:
    assert {tag: reading for tag in ORDINARY if (reading := readings(tag))} == {}


def test_a_team_may_name_the_words() -> None:
    guard = matcher("hashtag", words=["Anal", "מוות"])
    tags = found(guard, "#albumparty #therapistfinder #שלושהמוות #susanalbumparty")
    assert tags == ["#שלושהמוות", "#susanalbumparty"]


@pytest.mark.parametrize("word", ["two words", "x", "a1b", ""])
def test_a_word_of_the_list_is_one_word(word: str) -> None:
    with pytest.raises(GuardError) as error:
        matcher("hashtag", words=["bum", word])
    assert error.value.pointer.startswith("/parameters/words")


@given(st.lists(st.sampled_from("the sex anal whore t s an ass album x in ת שואה _ 1".split()), max_size=12))
def test_any_tag_is_answered_with_the_tag(parts: list[str]) -> None:
    text = f"#{''.join(parts)}"
    assert all(part in text for part in found(HASHTAGS, text))
