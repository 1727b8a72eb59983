"""Letters as people type and paste them: accents, ligatures, other scripts, invisible characters."""

from __future__ import annotations

import re
import unicodedata
from html import escape, unescape
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.text import INVISIBLE, fold
from kb.search.analysis import normalize
from kb.search.folding import plain_spellings
from kb.search.words import split_word, words
from tests.search.one_text import terms
from tests.support.small_index import SmallIndex

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow  # hundreds of indexes

SPELLINGS = (
    # Polish, Turkish, Nordic
    ("pl", "Żabka", "zabka"),
    ("pl", "źdźbło", "zdzblo"),
    ("tr", "Beşiktaş", "besiktas"),
    ("tr", "Iğdır", "igdir"),
    ("tr", "İzmir", "IZMIR"),
    ("sv", "Malmö", "malmo"),
    ("da", "Århus", "Aarhus"),
    ("da", "Århus", "arhus"),
    ("no", "Tromsø", "tromso"),
    ("is", "Þingvellir", "thingvellir"),
    ("is", "Ísafjörður", "isafjordur"),
    # Vietnamese, Czech, Romanian with a comma or a cedilla, Hungarian, Baltic, Maltese, Croatian
    ("vi", "phở", "pho"),
    ("vi", "Đổi", "doi"),
    ("cs", "Dvořák", "dvorak"),
    ("cs", "Tůma", "tuma"),
    ("ro", "București", "Bucureşti"),
    ("ro", "Iași", "iasi"),
    ("hu", "Győr", "gyor"),
    ("lv", "Rīga", "riga"),
    ("lt", "Šiauliai", "siauliai"),
    ("mt", "Ħamrun", "hamrun"),
    ("hr", "Đakovo", "dakovo"),
    # German, French, Iberian, Italian
    ("de", "Nürnberg", "nurnberg"),
    ("de", "Nürnberg", "Nuernberg"),
    ("de", "GRÖẞE", "groesse"),
    ("de", "Bäckereien", "baeckerei"),
    ("fr", "Citroën", "citroen"),
    ("fr", "CŒUR", "coeur"),
    ("fr", "L’Équipe", "equipe"),
    ("fr", "aujourd’hui", "aujourdhui"),
    ("es", "Niño", "nino"),
    ("pt", "São", "sao"),
    ("it", "dell'Università", "universita"),
    ("it", "perché", "perche"),
    # Greek, Cyrillic, Arabic, Persian, Hebrew
    ("el", "Αθήνα", "ΑΘΗΝΑ"),
    ("el", "Οδυσσεύς", "ΟΔΥΣΣΕΥΣ"),
    ("el", "Μαΐου", "μαιου"),
    ("ru", "Королёв", "королев"),
    ("ar", "مُحَمَّد", "محمد"),
    ("ar", "أحمد", "احمد"),
    ("ar", "آسيا", "اسيا"),
    ("ar", "مدرسة", "مدرسه"),
    ("ar", "جـــوال", "جوال"),
    ("ar", "كتاب", "ﻛﺘﺎﺏ"),
    ("fa", "ایران", "ايران"),
    ("he", "שָׁלוֹם", "שלום"),
    ("he", "צ׳יפס", "ציפס"),
    ("he", "תא״ל", "תא''ל"),
    # Ligatures, width, English loans with their plurals and possessives
    ("en", "ﬁnance", "finance"),
    ("en", "ｆｕｌｌ", "full"),
    ("en", "façades", "facade"),
    ("en", "Beyoncé’s", "beyonce"),
    ("en", "jalapeños", "jalapeno"),
    ("en", "O’Brien", "obrien"),
    ("en", "Zoë", "zoe"),
    ("ja", "スターバックス", "ｽﾀｰﾊﾞｯｸｽ"),
    ("ja", "ガス", "ｶﾞｽ"),
)
"""By language, spellings of one word that are to meet."""

BOTH_WAYS = [
    *SPELLINGS,
    *((language, other, one) for language, one, other in SPELLINGS),
]


@pytest.mark.parametrize(("language", "written", "typed"), BOTH_WAYS)
def test_spellings_with_and_without_accents_meet(
    language: str, written: str, typed: str, tmp_path: Path
) -> None:
    title = f"abc {written} xyz"
    index = SmallIndex(tmp_path, title, "nothing of the kind", language=language)
    asked = (typed, typed.upper(), f"+{typed}", f"title:{typed}", f'"abc {typed}"', f"“{typed} xyz”")
    assert {query: index.found(query)[:1] for query in asked} == {query: [title] for query in asked}
    assert index.passage(typed, title) == f"abc <mark>{escape(written)}</mark> xyz"


@pytest.mark.parametrize(("language", "written", "typed"), [case for case in SPELLINGS if case[0] != "ja"])
def test_a_word_is_completed_in_any_spelling(language: str, written: str, typed: str, tmp_path: Path) -> None:
    index = SmallIndex(tmp_path, f"abc {written}", f"abc {typed}", "abc", language=language)
    for word in (written, typed):
        assert set(index.suggested(word)) == {f"abc {written}", f"abc {typed}"}
    assert f"abc {written}" in index.suggested(typed[:-1])


@pytest.mark.parametrize(
    ("written", "others"),
    [
        ("resume", "résumé"),
        ("résumé", "resume"),
        ("Munchen", "München"),
        ("Muenchen", "München"),
        ("rose", "rosé"),
        ("uber", "Über"),
        ("loreal", "L'Oréal"),
        ("color", "colour"),
        ("organise", "organize"),
    ],
)
def test_the_spelling_that_was_typed_comes_first_however_common_it_is(
    written: str, others: str, tmp_path: Path
) -> None:
    exact = [f"the {written} of team {number}" for number in range(6)]
    index = SmallIndex(tmp_path, f"the {others} of team 7", *exact, "nothing of the kind")
    found = index.found(written)
    assert sorted(found[:6]) == exact
    assert found[6:] == [f"the {others} of team 7"]


TITLES = (
    "Spring sale of oil spills by Red Bull",
    "#ShareYourSecret and @BlueOrigin talk",
    "paid $1,300,000 and 20% of it, open 24/7",
    "AT&T and T-Mobile merge",
    "a coder said 👍",
    'דו"ח של ארה"ב בתל אביב',
    "Nestlé in München",
    "McDonald's is sorry",
)
QUERIES = (
    *("oil spills", "red bull", "redbull", "share your secret", "#ShareYourSecret", "blueorigin"),
    *("$1,300,000", "1300000", "20%", "24/7", "AT&T", "T-Mobile", "👍", 'דו"ח', "תל אביב", "muenchen"),
    *("mcdonalds", "title:oil", '"oil spills"', "«oil spills»", "+oil -nestle", "oil AND red", "NOT oil"),
    *("spil*", "title:(oil spills) nestle", "org:acme oil"),
)
SOME_INVISIBLE = "\u00ad\u200b\u200c\u2060\u200e\u200f\u202b\u202c\u2066\u2069\ufeff\ufe0f\u034f\u061c"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> SmallIndex:
    return SmallIndex(tmp_path_factory.mktemp("letters"), *TITLES)


@given(st.sampled_from(QUERIES), st.data())
def test_invisible_characters_anywhere_in_a_query_change_nothing(
    shared: SmallIndex, query: str, data: st.DataObject
) -> None:
    pasted = query
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(pasted)))
        pasted = pasted[:at] + data.draw(st.sampled_from(SOME_INVISIBLE)) + pasted[at:]
    assert shared.scores(pasted) == shared.scores(query)
    assert shared.page(pasted).interpreted == shared.page(query).interpreted


ACCENTED = st.text(st.sampled_from("aeouınscAEOÉéÜüñçşșőŁłøØßœæİΐάωїй ёשּׁגêệ"), min_size=1, max_size=12)


@given(ACCENTED)
def test_a_query_in_composed_and_in_decomposed_letters_is_one(shared: SmallIndex, query: str) -> None:
    query = f"munchen nestlé {query}"
    composed, decomposed = (unicodedata.normalize(form, query) for form in ("NFC", "NFD"))
    assert shared.scores(decomposed) == shared.scores(composed)


@given(st.text(max_size=8) | ACCENTED)
def test_folding_is_idempotent_and_the_same_for_both_forms(word: str) -> None:
    for form in ("NFC", "NFD"):
        assert fold(unicodedata.normalize(form, word)) == fold(word)
    assert fold(fold(word)) == fold(word)
    for spelling in plain_spellings(word):
        assert spelling in plain_spellings(spelling)


@given(ACCENTED, st.sampled_from(SOME_INVISIBLE))
def test_a_text_with_invisible_characters_within_its_words_has_the_same_terms(text: str, mark: str) -> None:
    pasted = re.sub(r"(?<=\w)(?=\w)", mark, text)
    assert terms(pasted, "en") == terms(text, "en")
    assert [normalize(word) for word in words(pasted)] == [normalize(word) for word in words(text)]


@pytest.mark.parametrize(
    "written",
    [
        "news{}letter",
        "Mc{}Foo’s",
        "#Share{}YourSecret",
        "@Blue{}Origin",
        "{}Acme{}",
        "דו{}״ח",
        "דו״{}ח",
        "דו{}״{}ח",
        "ארה{}''{}ב",
        "O{}’{}Neill",
        "20{}%",
        "${}20",
        "T{}-{}Mobile",
        "AT{}&{}T",
    ],
)
def test_invisible_characters_in_a_text_neither_split_nor_change_a_word(
    written: str,
) -> None:
    plain = terms(written.replace("{}", ""), "en")
    for mark in SOME_INVISIBLE:
        assert terms(written.replace("{}", mark), "en") == plain


@pytest.mark.parametrize(
    ("written", "typed", "marked"),
    [
        ("news\u00adletter", "newsletter", "news\u00adletter"),
        ("\u200fנייק\u200bי\u200f", "נייקי", "נייק\u200bי\u200f"),
        ("#Share\u200bYourSecret", "secret", "Share\u200bYourSecret"),
        ("Nestle\u0301", "nestle", "Nestle\u0301"),
        ('דו\u200f"\u200fח', 'דו"ח', 'דו\u200f"\u200fח'),
    ],
)
def test_the_mark_is_on_the_word_with_what_shows_nothing(
    written: str, typed: str, marked: str, tmp_path: Path
) -> None:
    title = f"a {written} today"
    index = SmallIndex(tmp_path, title, "nothing of the kind")
    passage = index.passage(typed, title)
    assert passage is not None
    assert unescape(passage) == title.replace(marked, f"<mark>{marked}</mark>")


@given(st.sampled_from(QUERIES), st.sampled_from(TITLES))
def test_only_whole_words_of_a_text_are_marked(shared: SmallIndex, query: str, title: str) -> None:
    passage = shared.passage(query, title) or ""
    ends = {at for found in re.finditer("|".join(map(re.escape, words(title))), title) for at in found.span()}
    position = 0
    for number, piece in enumerate(re.split("</?mark>", passage)):
        start, position = position, position + len(unescape(piece))
        if number % 2:
            assert {start, position} <= ends


@pytest.mark.parametrize(
    ("one", "other"), [("ｶﾞｽ", "ガス"), ("ﾊﾟﾘ", "パリ"), ("か\u3099す", "がす"), ("ｽﾀｰﾊﾞ", "スターバ")]
)
def test_a_voiced_kana_is_one_letter_in_any_form(one: str, other: str) -> None:
    assert terms(one, "ja") == terms(other, "ja")
    assert list(map(normalize, split_word(one))) == list(map(normalize, split_word(other)))


FILLERS = {0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0}
"""Letters by their category, of scripts without spaces."""


def test_every_invisible_character_is_ignored_between_letters() -> None:
    ranges = re.findall("(.)(?:-(.))?", INVISIBLE)
    for first, last in ranges:
        for code in {ord(first), ord(last or first)} - FILLERS:
            assert terms(f"news{chr(code)}letter", "en") == ["newslett"]


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Nestlé", "nestel"),
        ("Citroën", "citorën"),
        ("Pokémon", "pokmon"),
        ("Beyoncé", "beyonse"),
        ("Gdańsk", "gdasnk"),
    ],
)
def test_an_accent_is_no_typo(title: str, typed: str, tmp_path: Path) -> None:
    index = SmallIndex(tmp_path, f"about {title}", "nothing of the kind")
    page = index.page(typed, correct=True)
    assert page.corrected
    assert [hit.id for hit in page.hits] == [1]
