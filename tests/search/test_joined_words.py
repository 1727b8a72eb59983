"""Words that are joined in a text and apart in a query, or the other way round, meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.small_index import SmallIndex

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow  # hundreds of indexes


APART_AND_JOINED = (
    ("Face book", "facebook"),
    ("Burger King", "burgerking"),
    ("Pay-Pal", "paypal"),
    ("Air‑bnb", "airbnb"),
    ("iPhone 7", "iphone7"),
    ("COVID-19", "covid19"),
    ("MH 370", "MH370"),
    ("Note 7", "note7"),
    ("Boeing 737 MAX", "Boeing737MAX"),
    ("SHA 256", "sha256"),
    ("GPT-4", "gpt4"),
    ("e-commerce", "ecommerce"),
    ("T-shirts", "tshirts"),
    ("x ray", "xray"),
    ("Wi-Fi", "wifi"),
    ("7-Eleven", "7eleven"),
    ("5-G", "5G"),
    ("B-2-C", "B2C"),
    ("3-D", "3D"),
    ("4 chan", "4chan"),
    ("Health Care", "healthcare"),
    ("anti-semitic", "antisemitic"),
    ("lay–off", "layoff"),
    ("AC/DC", "acdc"),
    ("foo_bar", "foobar"),
    ("טיק טוק", "טיקטוק"),
    ("בלאק-פריידי", "בלאקפריידי"),
    ("בית־ספר", "ביתספר"),
    ("אי מייל", "אימייל"),
)
"""Two spellings of one thing."""


JOINED_ONLY_TYPED_APART = (
    ("cocacola", "Coca-Cola"),
    ("buildabear", "Build-A-Bear"),
    ("rocknroll", "Rock 'n' Roll"),
    ("facetoface", "face-to-face"),
    ("worldwideweb", "world wide web"),
    ("youtube", "You Tube"),
    ("online", "on-line"),
    ("newsletters", "news-letter"),
    ("whistleblowers", "whistle-blower"),
    ("retweets", "re-tweeted"),
    ("hashtags", "hash tag"),
    ("mcdonalds", "Mc Donald's"),
    ("TikTok", "tik-tok"),
    ("jpmorgan", "J.P. Morgan"),
    ("phd", "Ph.D."),
    ("UK", "U.K."),
    ("toysrus", 'Toys"R"Us'),
    ("jayz", "Jay-Z"),
)
"""What has it joined is found by what is typed apart."""


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        *APART_AND_JOINED,
        *((joined, apart) for apart, joined in APART_AND_JOINED),
        *JOINED_ONLY_TYPED_APART,
    ],
)
def test_words_joined_and_apart_meet(written: str, typed: str, tmp_path: Path) -> None:
    title = f"abc {written} xyz"
    index = SmallIndex(tmp_path, "nothing of the kind", title, "abc", "some abc or xyz")
    for query in (typed, f'"{typed.replace(chr(34), " ")}"', f"title:({typed})", f"abc {typed} xyz"):
        assert index.found(query)[:1] == [title]
    assert index.passage(typed, title) is not None


WORDS = "red blue spring market coffee river house garden light paper".split()


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> SmallIndex:
    """Any two of ten words, apart in one title and joined in another."""
    titles = [f"the {one} {other}" for one in WORDS for other in WORDS if one != other]
    return SmallIndex(
        tmp_path_factory.mktemp("pairs"), *titles, *(title.replace(" ", "")[3:] for title in titles)
    )


@given(st.sampled_from(WORDS), st.sampled_from(WORDS), st.sampled_from(["", " ", "-", "‑", "_", ".", "/"]))
def test_two_words_are_found_joined_and_apart_however_they_are_typed(
    pairs: SmallIndex, one: str, other: str, between: str
) -> None:
    if one == other:
        return
    joined, apart = f"{one}{other}", f"the {one} {other}"
    for query in (f"{one}{between}{other}", f"{one}{between}{other}".upper()):
        assert {joined, apart} <= set(pairs.found(query)[:3])


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        # forms of what is apart, typed joined
        ("hash tag", "hashtags"),
        ("news-letters", "newsletter"),
        ("whistle-blower", "whistleblowers"),
        ("re-tweeted", "retweets"),
        ("pre-order", "preorders"),
        ("home page", "homepages"),
        ("Mc Donald's", "mcdonalds"),
        ("Burger King", "burgerkings"),
        ("Red Bull", "redbull’s"),
        # three words and more
        ("build-a-bear", "buildabear"),
        ("Toys R Us", "toysrus"),
        ("face-to-face", "facetoface"),
        ("world wide web", "worldwideweb"),
        ("Black Lives Matter", "blacklivesmatter"),
        ("Galaxy Note 7", "galaxynote7"),
        ("rock n roll", "rock'n'roll"),
        # with a stopword
        ("You Tube", "youtube"),
        ("on-line", "online"),
        # with a single letter
        ("Jell-O", "jello"),
        ("Jay-Z", "jayz"),
        ("K-pop", "kpop"),
        ("J-Lo", "jlo"),
        ("J.Crew", "jcrew"),
        ("J.P. Morgan", "jp morgan"),
        ("T.J. Maxx", "tjmaxx"),
        ("U.K.", "UK"),
        ("U.S.A.", "usa"),
        ("O Neill", "O'Neill"),
        # with accents
        ("haagendazs", "Häagen Dazs"),
        ("Nescafé Gold", "nescafegold"),
        ("nescafegold", "Nescafé Gold"),
        ("café-bar", "cafebar"),
        ("L'Oréal Paris", "lorealparis"),
        # with a word twice
    ],
)
def test_what_is_written_apart_is_found_joined(written: str, typed: str, tmp_path: Path) -> None:
    title = f"abc {written} xyz"
    index = SmallIndex(tmp_path, "nothing of the kind", title, "some abc or xyz")
    assert index.found(typed)[:1] == [title]
    assert index.found(f"abc {typed} xyz")[:1] == [title]


def test_invisible_characters_do_not_keep_words_apart_that_are_typed_joined(tmp_path: Path) -> None:
    index = SmallIndex(tmp_path, "Re\u00add Bu\u200bll", "nothing of the kind")
    assert index.found("redbull") == ["Re\u00add Bu\u200bll"]


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("2.0", "20"),
        ("3.5", "35"),
        ("1.5 million", "15 million"),
        ("4:20", "420"),
        ("1/2", "12"),
        ("9/11", "911"),
    ],
)
def test_digits_are_not_joined_to_another_number(typed: str, other: str, tmp_path: Path) -> None:
    index = SmallIndex(tmp_path, f"about {other} of it", f"about {typed} of it")
    assert index.whole(typed) == {f"about {typed} of it"}


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("a redbull ad", "red bu"),
        ("a facebook ad", "face bo"),
        ("the tiktok clip", "tik tok"),
        ("the paypal fee", "pay-pal"),
        ("the iphone7 battery", "iphone 7"),
        ("an e-mail to all", "email"),
        ("an e-mail to all", "emai"),
        ("the T-shirt", "tshirt"),
        ("the Wi-Fi", "wifi"),
        ("the 5-G network", "5G"),
        ("the U.K. law", "UK"),
        ("a טיקטוק clip", "טיק טו"),
        ("a טיק טוק clip", "טיקט"),
        ("the McDonald's ad", "mc don"),
    ],
)
def test_a_word_is_completed_joined_and_apart(title: str, typed: str, tmp_path: Path) -> None:
    assert SmallIndex(tmp_path, "nothing of the kind", title).suggested(typed) == [title]


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("a big redbull stunt", '"big red bull stunt"'),
        ("a big Red Bull stunt", '"big redbull stunt"'),
        ("my face-book page", '"my facebook page"'),
    ],
)
def test_a_phrase_meets_what_has_two_of_its_words_joined(title: str, query: str, tmp_path: Path) -> None:
    assert SmallIndex(tmp_path, title, "nothing of the kind").found(query) == [title]


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("colour of the programme", "my color and program"),
        ("a 😂 tweet", "they said 😂"),
        ("20% discount", "20 percent"),
    ],
)
def test_similar_titles_may_spell_what_they_share_otherwise(title: str, other: str, tmp_path: Path) -> None:
    index = SmallIndex(tmp_path, title, other, "nothing of the kind", "20 of them", "30 percent of it")
    assert index.similar(title)[:1] == [other]
    assert index.similar(other)[:1] == [title]
