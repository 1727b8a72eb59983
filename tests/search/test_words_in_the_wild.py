"""Words as people type and paste them: joined and apart, chunks, amounts, hashtags, operators, emoji."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pytest

from kb.search.analysis import normalize
from kb.search.signs import SIGN_OF_WORD
from kb.search.words import split_at_capitals
from tests.support.small_index import SmallIndex

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow  # hundreds of indexes


@pytest.mark.parametrize(
    ("chunk", "without"),
    [
        ("P&G", "letters P or some G"),
        ("R&D", "letters R or some D"),
        ("AC/DC", "ac or dc"),
        ("7-Eleven", "eleven or 7"),
        ("l'Oréal", "real l"),
        ("O'Neill", "O or Neil"),
        ("i18n", "i 18 or n"),
        ("1/2", "2 or 1"),
        ("10:30", "30 or 10"),
        ("2018-05-04", "04-05-2018"),
        ("3.5%", "5 or 3 percent"),
        ("E*TRADE", "trade e"),
        ("Ke$ha", "ha ke"),
        ("S&P", "P or S"),
        ("24/7", "7 or 24"),
        ("MH-17", "17 or MH"),
        ("will.i.am", "am i a will"),
        ("Amazon.com", "com or amazon"),
        ("user@example.com", "com of a user example"),
        ("ט.ל.ח", "ח ל ט"),
    ],
)
def test_what_has_a_chunk_comes_before_what_has_its_parts(chunk: str, without: str, tmp_path: Path) -> None:
    title = f"about {chunk} again"
    index = SmallIndex(tmp_path, without, title, f"{without} and again {without}", "nothing")
    assert index.found(chunk)[0] == title
    assert index.found(f"about {chunk}")[0] == title
    assert index.found(f"+{chunk}") == [title]
    assert index.found(f'"{chunk} again"') == [title]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("1,250,000", "1250000"),
        ("1.250.000", "1 250 000"),
        ("1’250’000", "1,250,000"),
        ("1\u202f250\u202f000", "1.250.000"),
        ("£700m", "£700 million"),
        ("700m", "700 million"),
        ("700 million", "700m"),
        ("35%", "35 percent"),
        ("35 pct", "35%"),
        ("35 ％", "35%"),
        ("３５％", "35%"),
        ("35٪", "35%"),
        ("€60", "60 euros €"),
        ("60 USD", "60 dollars USD"),
    ],
)
def test_amounts_are_found_however_they_are_written(written: str, typed: str, tmp_path: Path) -> None:
    title = f"about {written} of it"
    index = SmallIndex(tmp_path, "about 12 of it", title, "just 35 and 60 and 700", "million percent")
    assert index.found(typed)[0] == title


def test_a_sign_is_meant_by_its_words_in_any_form() -> None:
    for word in ("percent", "dollars", "euros", "pounds", "shekels", "שח", "שקלים", "אחוזים"):
        assert normalize(word) in SIGN_OF_WORD


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("5GConspiracy", ["5", "G", "Conspiracy"]),
        ("B2B", ["B", "2", "B"]),
        ("WorldCup2018Fail", ["World", "Cup", "2018", "Fail"]),
        ("NYPDNews", ["NYPD", "News"]),
        ("iPhoneX", ["i", "Phone", "X"]),
        ("МыВместе", ["Мы", "Вместе"]),
        ("ÉgalitéPourTous", ["Égalité", "Pour", "Tous"]),
        ("METOO", ["METOO"]),
        ("כולנו2020", ["כולנו", "2020"]),
    ],
)
def test_capitals_and_digits_divide_a_handle(word: str, parts: list[str]) -> None:
    assert split_at_capitals(word) == parts


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("#WorldCup2018Fail", ["world cup", "2018 fail", "WorldCup2018Fail", "cup", "#WORLDCUP2018FAIL"]),
        ("#AskJPM", ["ask jpm", "jpm", "askjpm", "#AskJPM"]),
        ("@NYPDNews", ["nypd", "nypd news", "@nypdnews"]),
        ("@united_airlines", ["united airlines", "airlines", "unitedairlines", "@united_airlines"]),
        ("#susanalbumparty", ["susan album party", "susanalbumparty", "#SusanAlbumParty"]),
        ("#METOO", ["#MeToo", "metoo", "me too"]),
        ("#5GConspiracy", ["5g conspiracy", "conspiracy", "5 g"]),
        ("#МыВместе", ["мы вместе", "вместе", "мывместе"]),
        ("#Üdvözöljük", ["udvozoljuk", "#üdvözöljük"]),
        ("#כולנו_אביגדור", ["כולנו אביגדור", "אביגדור", "כולנואביגדור", "#כולנו_אביגדור"]),
        ("#כולנואביגדור", ["כולנו אביגדור", "#כולנואביגדור"]),
        ("＃Crowded", ["crowded", "#Crowded"]),
        ("DuckDuckGo", ["duckduckgo"]),
    ],
)
def test_hashtags_and_handles_are_found_by_their_words(
    written: str, asked: list[str], tmp_path: Path
) -> None:
    title = f"see {written} now"
    index = SmallIndex(tmp_path, "nothing of the kind", title)
    for query in asked:
        assert index.found(query) == [title]
        assert index.found(f"title:({query})") == [title]
        assert "<mark>" in (index.passage(query, title) or "")
        assert index.suggested(query.replace("#", "")) == [title] or " " in query


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("alpha AND beta", {"alpha beta", "alpha beta gamma"}),
        ("alpha NOT beta", {"alpha", "alpha gamma"}),
        ("alpha AND (beta OR gamma)", {"alpha beta", "alpha gamma", "alpha beta gamma"}),
        ("(alpha OR delta) NOT gamma", {"alpha", "alpha beta", "delta"}),
        ("NOT (alpha OR beta) AND gamma", {"gamma", "red gamma"}),
        ("alpha AND beta OR delta", {"alpha beta", "alpha beta gamma", "delta"}),
        ("redbull AND NOT alpha", {"Red Bull", "redbull"}),
        ("redbull OR delta", {"Red Bull", "redbull", "delta"}),
        ("NOT red-bull AND red", {"red gamma"}),
        ("+red-bull", {"Red Bull", "redbull"}),
        ("gam* AND NOT alpha", {"gamma", "red gamma"}),
        ("gam* NOT alp*", {"gamma", "red gamma"}),
        ("colour AND gray", {"color gray", "colour and grey"}),
        ('"red bull" OR "alpha gamma"', {"Red Bull", "redbull", "alpha gamma"}),
        ("title:(alpha AND NOT beta)", {"alpha", "alpha gamma"}),
        ("title:delta OR «red bull»", {"delta", "Red Bull", "redbull"}),
    ],
)
def test_operators_agree_with_every_other_rule(query: str, expected: set[str], tmp_path: Path) -> None:
    titles = (
        *("alpha beta gamma", "alpha beta", "alpha gamma", "alpha", "gamma", "delta", "red gamma"),
        *("Red Bull", "redbull", "colour and grey", "color gray"),
    )
    assert set(SmallIndex(tmp_path, *titles).found(query)) == expected


@pytest.mark.parametrize(
    ("written", "typed", "others"),
    [
        ("sad 😢 face", "😢", ["😭", "🇮🇱"]),
        ("up 👍🏽 up", "👍", ["👎🏽"]),
        ("up 👍 up", "👍🏿", ["👎"]),
        ("a ❤ love", "❤️", ["❤️‍🔥", "💔"]),
        ("a ❤️ love", "❤", ["❤️‍🔥", "🔥"]),
        ("family 👨‍👩‍👧‍👦 photo", "👨‍👩‍👧‍👦", ["👨", "👩 👧"]),
        ("pilot 👩🏾‍✈️ flies", "👩‍✈️", ["👩", "✈️"]),
        ("day 🇮🇱 flag", "🇮🇱", ["🇮🇷", "🇱🇮"]),
        ("pride 🏳️‍🌈 flag", "🏳‍🌈", ["🏳️", "🌈"]),
        ("glued🔥fire", "🔥", ["💧"]),
        ("quoted “🔥” here", "“🔥”", ["💧"]),
        ("🔥🔥🔥 hot", "🔥", ["💧"]),
        ("call ☎️ us", "☎", ["📞"]),
    ],
)
def test_an_emoji_is_a_word(written: str, typed: str, others: list[str], tmp_path: Path) -> None:
    index = SmallIndex(tmp_path, *others, written)
    for query in (typed, f"+{typed}", f"title:{typed}", f'"{typed.strip("“”")}"', f"({typed})"):
        assert index.found(query) == [written]
    assert written not in index.found(f"NOT {typed}")
    assert "<mark>" in (index.passage(typed, written) or "")


def test_an_emoji_parts_the_words_that_it_is_glued_to(tmp_path: Path) -> None:
    index = SmallIndex(tmp_path, "clap👏for👏us", "nothing of the kind")
    for query in ("clap", "clap👏for", '"clap 👏 for"', "us👏", "+clap +us"):
        assert index.found(query) == ["clap👏for👏us"]


@pytest.mark.parametrize(("written", "typed"), [("they’ll", "theyll"), ("theyll", "they'll"), ("I'd", "i’d")])
def test_a_short_form_is_found_with_and_without_its_apostrophe(
    written: str, typed: str, tmp_path: Path
) -> None:
    title = f"what {written} do"
    index = SmallIndex(tmp_path, title, "nothing of the kind")
    assert index.found(typed) == [title]
    assert index.passage(typed, title) == f"what <mark>{escape(written)}</mark> do"


@pytest.mark.parametrize(
    "query",
    [
        "?!",
        "…",
        ":)",
        "#",
        "@",
        "\u200b",
        "\u200f\u00ad",
        "&&",
        "-",
        "+",
        "***",
        '""',
        "()",
        "— —",
        "«»",
        "%",
    ],
)
def test_nothing_searchable_leaves_no_word(query: str, tmp_path: Path) -> None:
    assert not SmallIndex(tmp_path, "a title").page(query).highlight_terms


@pytest.mark.parametrize(
    ("common", "other"),
    [
        ("red bull", "redbull"),
        ("800 million", "800m"),
        ("20 percent", "20%"),
        ("T-Mobile", "Mobile or T"),
        ("shell", "she'll"),
        ("ill", "I’ll"),
        ("id", "I'd"),
    ],
)
def test_what_was_typed_comes_first_however_common_it_is(common: str, other: str, tmp_path: Path) -> None:
    exact = [f"the {common} of team {number}" for number in range(6)]
    index = SmallIndex(tmp_path, f"the {other} of team 7", *exact, "nothing of the kind")
    assert sorted(index.found(common)[:6]) == exact


@pytest.mark.parametrize(
    ("common", "other"),
    [
        ("redbull", "Red Bull"),
        ("email", "e-mail"),
        ("e-mail", "email"),
        ("coca-cola", "cocacola"),
        ("metoo", "me too"),
        ("covid19", "COVID-19"),
        ("COVID-19", "covid19"),
        ("20%", "20 percent"),
        ("$100", "USD 100"),
        ("800m", "800 million"),
    ],
)
def test_another_spelling_that_is_rare_comes_after_what_was_typed(
    common: str, other: str, tmp_path: Path
) -> None:
    exact = [f"the {common} of team {number}" for number in range(6)]
    index = SmallIndex(tmp_path, f"the {other} of team 7", *exact, "nothing of the kind")
    assert sorted(index.found(common)[:6]) == exact


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        # before and after
        ("100€", "€100"),
        ("EUR 100", "100€"),
        ("100 dollars", "$100"),
        ("100 USD", "$100"),
        ("₪100", "100₪"),
        ("₪100", '100 ש"ח'),
        # apart
        ("50 % off", "50 %"),
        ("50% off", "50 %"),
        ("$ 100", "$ 100"),
        # a price that went down
        ("-20% on all", "-20%"),
    ],
)
def test_amounts_are_read_with_their_sign_wherever_it_is(written: str, typed: str, tmp_path: Path) -> None:
    title = f"about {written} in all"
    index = SmallIndex(tmp_path, "50 and 100 are round", title, "1 and 2 and 5 or 20", "10 or 100 or 50")
    assert index.whole(typed) == {title}


@pytest.mark.parametrize(
    ("chunk", "spelled"), [("P&G", "P and G"), ("AT&T", "AT and T"), ("B&Q", "B and Q"), ("R&D", "R and D")]
)
def test_an_ampersand_is_read_as_and(chunk: str, spelled: str, tmp_path: Path) -> None:
    titles = (f"about {spelled} again", f"about {chunk} again")
    index = SmallIndex(tmp_path, "the letters R, Q, G, T, P", *titles)
    for query in (chunk, spelled):
        assert set(index.found(query)[:2]) == set(titles)
    assert index.whole(chunk) == set(titles)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("#MeToo2017", "metoo"),
        ("#MeToo2017", '"me too"'),
        ("#Covid19Kills", "covid19"),
        ("@McDonaldsCorp", "mcdonalds"),
        ("#ÉgalitéPourTous", "egalite"),
        ("#ΜένουμεΣπίτι", "σπιτι"),
        ("#ShareYourSecret", "secr*"),
    ],
)
def test_the_words_of_a_hashtag_are_words_like_any_other(written: str, typed: str, tmp_path: Path) -> None:
    title = f"see {written} now"
    index = SmallIndex(tmp_path, "nothing of the kind", title)
    assert index.found(typed) == [title]
    assert "<mark>" in (index.passage(typed, title) or "")


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("פרסומ*", "הפרסומת נמחקה"),
        ("קמפיי*", "בקמפיין החדש"),
        ("coca-c*", "a Coca-Cola ad"),
    ],
)
def test_a_beginning_finds_what_a_word_finds(typed: str, title: str, tmp_path: Path) -> None:
    assert SmallIndex(tmp_path, title, "nothing of the kind").found(typed) == [title]


@pytest.mark.parametrize(
    "typed",
    [
        *('"הוגו בוס"', "הוגו-בוס", "#הוגו_בוס", 'org:"הוגו בוס"', "+(הוגו בוס)", "title:(הוגו בוס)"),
        *("הוגו בוס", "הוגובוס", "+הוגו", "השערורייה של הוגו בוס"),
    ],
)
def test_a_name_in_another_script_may_stand_wherever_its_words_may(typed: str, tmp_path: Path) -> None:
    index = SmallIndex(tmp_path, "an ad by Hugo Boss again", "nothing of the kind", organization="Hugo Boss")
    assert index.found(typed)[:1] == ["an ad by Hugo Boss again"]
