"""Names are found in another script by how they sound."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis import normalize
from kb.search.transliteration import NameIndex
from kb.search.transliteration.alphabet import Alphabet
from kb.search.transliteration.hebrew import HEBREW
from kb.search.transliteration.index import MAX_DISTANCE, skeletons
from kb.search.transliteration.latin import LATIN

LATIN_NAMES = (
    "burgerking burger king vodafone michelangelo chopin tchaikovsky schindler kellogg škoda škodaauto "
    "citroën nestlé zoë jennifer georgia knight boston madrid volvo delta rodriguez philadelphia mcenroe "
    "xanadu oxfam bordeaux montreux chicago hamburg bulgaria guinness shakespeare wikipedia greenpeace linux"
).split()
HEBREW_NAMES = (
    "וודאפון שופן צייקובסקי מדריד תלמוד ירדנה חיריה עמיעד גדרה טבריה נמיביה אריאל בורגרקינג בלומברג ז'נבה"
).split()
INDEX = NameIndex([*LATIN_NAMES, *HEBREW_NAMES])

LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyzéšöאבגדהוזחטיכלמנסעפצקרשתםןץףך'׳״- 7жبか")
TEXTS = st.one_of(
    st.text(LETTERS, max_size=60),
    st.text("abcdefghijklmnopqrstuvwxyz", max_size=20),
    st.text("אבגדהוזחטיכלמנסעפצקרשתםןץףך'", max_size=20),
)


def first(word: str, index: NameIndex = INDEX) -> str | None:
    """The nearest name in another script."""
    return next((name for name, _ in index.nearest(word)), None)


def is_hebrew(name: str) -> bool:
    return any("א" <= letter <= "ת" for letter in name)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("וודאפון", "vodafone"),
        ("מיכלאנג'לו", "michelangelo"),
        ("צ'ייקובסקי", "tchaikovsky"),
        ("שינדלר", "schindler"),
        ("קלוג", "kellogg"),
        ("סקודה", "škoda"),
        ("נסטלה", "nestlé"),
        ("רודריגז", "rodriguez"),
        ("בורדו", "bordeaux"),
        ("שייקספיר", "shakespeare"),
        ("מקנרו", "mcenroe"),
        ("זנדו", "xanadu"),
        ("גינס", "guinness"),
        ("אוקספם", "oxfam"),
    ],
)
def test_a_hebrew_word_finds_the_latin_name_that_sounds_like_it(word: str, name: str) -> None:
    assert first(word) == name


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Vodafone", "וודאפון"),
        ("Yardena", "ירדנה"),
        ("Namibia", "נמיביה"),
        ("Tveria", "טבריה"),
        ("Amiad", "עמיעד"),
        ("Gedera", "גדרה"),
        ("Chiriya", "חיריה"),
        ("Bloomberg", "בלומברג"),
    ],
)
def test_a_latin_word_finds_the_hebrew_name_that_sounds_like_it(word: str, name: str) -> None:
    assert first(word) == name


@pytest.mark.parametrize("word", ["ז'נבה", "ז׳נבה", "ז’נבה", "גנבה", "ג'נבה"])
def test_a_geresh_may_be_written_in_any_way_or_left_out(word: str) -> None:
    assert first(word, NameIndex(["geneva", "panama", "vienna"])) == "geneva"


@pytest.mark.parametrize("word", ["בוודאפון", "לוודאפון", "ובוודאפון", "שוודאפון"])
def test_particles_before_a_word_are_left_out(word: str) -> None:
    assert first(word) == "vodafone"


def test_particles_before_a_name_are_left_out() -> None:
    assert [name for name, _ in NameIndex(["במדריד", "מדריד", "ולנסיה"]).nearest("Madrid")] == [
        "מדריד",
        "במדריד",
    ]


@pytest.mark.parametrize("phrase", ["בורגר קינג", "בורגרקינג", "בורגר-קינג"])
def test_words_are_found_together_as_one_name(phrase: str) -> None:
    assert first(phrase) == "burgerking"


@pytest.mark.parametrize(
    "word", ["מחרתיים", "כיסא", "להתראות", "vegetable", "yesterday", "התנצלות", "apology"]
)
def test_a_word_that_sounds_like_no_name_finds_nothing(word: str) -> None:
    assert INDEX.nearest(word) == []


@pytest.mark.parametrize("word", ["", " ", "'", "״", "123", "🔥", "בוסטון7", "Бостон", "בוסטוןboston"])
def test_a_word_without_letters_of_one_known_script_finds_nothing(word: str) -> None:
    assert INDEX.nearest(word) == []


def test_an_index_without_names_finds_nothing() -> None:
    assert NameIndex([]).nearest("בוסטון") == []


def test_names_are_found_nearest_first_up_to_the_limit() -> None:
    index = NameIndex(["madrid", "madrit", "medrid", "madred"])
    found = index.nearest("מדריד", limit=2)
    assert [name for name, _ in index.nearest("מדריד", limit=9)][:2] == [name for name, _ in found]
    assert found[0] == ("madrid", min(distance for _, distance in found))


def test_vowels_distinguish_names_with_the_same_consonants() -> None:
    index = NameIndex(["milan", "malin", "melon"])
    assert [first(word, index) for word in ("מילאן", "מלין", "מלון")] == ["milan", "malin", "melon"]


def test_the_more_names_there_are_the_nearer_one_has_to_be() -> None:
    crowd = [f"zu{a}vi{b}po{c}" for a in "bdfgklmnprst" for b in "bdfgklmnprst" for c in "dfgklmnprst"]
    (_, alone), *_ = NameIndex(["boston"]).nearest("בוסטון")
    (_, in_a_crowd), *_ = NameIndex(["boston", *crowd]).nearest("בוסטון")
    assert alone < in_a_crowd


def test_a_script_is_added_as_a_table() -> None:
    rules = {
        letter: {letter: sounds}
        for letter, sounds in zip(
            "абвгдезиклмнопрстуфхшщя",
            "a b v g,h.3 d e z i k l m n o p r s t u f x S S a".replace("g,h.3", "g").split(),
            strict=True,
        )
    }
    cyrillic = Alphabet("а-яА-ЯёЁ", "а-я", rules, spelling=str.lower)
    index = NameIndex(["boston", "бостон", "בוסטון", "мадрид"], [HEBREW, LATIN, cyrillic])
    assert {name for name, _ in index.nearest("Бостон")} == {"boston", "בוסטון"}
    assert first("מדריד", index) == first("Madrid", index) == "мадрид"


@given(TEXTS)
def test_names_are_never_of_the_script_of_the_word(text: str) -> None:
    for name, distance in INDEX.nearest(text):
        assert is_hebrew(name) != is_hebrew(text)
        assert 0 <= distance <= MAX_DISTANCE


@given(TEXTS)
def test_case_and_composition_do_not_matter(text: str) -> None:
    found = INDEX.nearest(text)
    for variant in (text.upper(), unicodedata.normalize("NFD", text), unicodedata.normalize("NFC", text)):
        assert INDEX.nearest(variant) == found


@given(st.sampled_from(LATIN_NAMES + HEBREW_NAMES))
def test_a_name_and_its_normalized_form_have_a_skeleton_in_common(name: str) -> None:
    alphabet = HEBREW if is_hebrew(name) else LATIN
    as_written, normalized = (
        {skeleton for word in alphabet.words(text) for skeleton in skeletons(alphabet.read(word))}
        for text in (name, normalize(name))
    )
    assert as_written & normalized


@given(TEXTS, st.integers(1, 4))
def test_the_order_of_names_and_repeated_names_do_not_matter(text: str, times: int) -> None:
    names = [*LATIN_NAMES, *HEBREW_NAMES]
    assert NameIndex(reversed(names * times)).nearest(text) == INDEX.nearest(text)


@given(st.sampled_from(["a", "ב", "sch", "צ'", "או", "x", "wh"]))
def test_a_very_long_word_finds_nothing_and_is_no_name(part: str) -> None:
    long = part * 100
    assert INDEX.nearest(long) == []
    assert NameIndex([long]).nearest("בוסטון") == NameIndex([long]).nearest("boston") == []


def test_names_in_the_script_of_the_word_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    as_before = LATIN.read
    monkeypatch.setattr(LATIN, "read", lambda word: (read.append(word), as_before(word))[1])  # type: ignore[func-returns-value]
    index = NameIndex(["geneva", "panama", "vienna"])
    assert index.nearest("boston") == []
    assert read == []
    assert first("ז'נבה", index) == "geneva"
    assert {*read} == {"geneva", "panama", "vienna"}
