"""Guards on concepts that do not go together find them where they stand together, and nowhere else."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.guards.errors import GuardError
from kb.guards.parameters import Parameters
from kb.guards.types.themes import parse_themes
from kb.search.concepts import ConceptTable

TABLE = ConceptTable.of(
    {
        "war": {
            "phrases": {"en": ["war", "missile", "air strike"], "he": ["מלחמה", "טיל"]},
            "ambiguous": {"en": ["strike", "bomb"], "he": ["מבצע", "פצצה"]},
            "except": {"en": ["bath bomb", "strike of workers"], "he": ["מחיר פצצה"]},
        },
        "death": {"phrases": {"en": ["kill", "funeral"], "he": ["הרוגים"]}},
        "violence": {"phrases": {"en": ["kill", "slap"]}},
        "joke": {"phrases": {"en": ["lol", "just kidding"], "he": ["חחח"]}, "ambiguous": {"en": ["funny"]}},
        "charity": {"phrases": {"en": ["helpline"], "he": ["קו סיוע"]}, "ambiguous": {"en": ["support"]}},
    }
)


def find(text: str, **parameters: Any) -> list[str]:
    """The texts that a guard finds in a draft."""
    read = Parameters({"all_of": [["war"], ["joke"]], **parameters})
    matcher = parse_themes(read, TABLE)
    read.finish()
    draft = AnalyzedDraft(Draft(text=text), TABLE)
    return [draft.text_at(match.span) for match in matcher.matches(draft) if match.span is not None]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Our missiles dropped in, lol.", ["missiles dropped in, lol"]),
        ("lol, our missiles", ["lol, our missiles"]),
        ("המטוסים והטילים שלנו, חחח", ["והטילים שלנו, חחח"]),
        ("We went to #WarZoneLol", ["#WarZoneLol"]),
        ("Missiles again. #justkidding", []),
        ("A bomb, lol", ["bomb, lol"]),
        ("A bath bomb, lol", []),
        ("מחיר פצצה! חחח", []),
        ("A funny strike", []),
        ("Missile! Lol.", []),
        ("War is no subject for us", []),
        ("", []),
    ],
)
def test_a_combination_within_a_sentence_is_found_from_its_first_to_its_last_word(
    text: str, found: list[str]
) -> None:
    assert find(text) == found


def test_within_a_post_the_first_list_says_what_is_marked_across_sentences() -> None:
    text = "Lol. Yesterday was quiet. Then a missile came. And war."
    assert find(text, within="post") == ["missile"]
    assert find("Lol. A war? Lol, a missile.", within="post") == ["Lol, a missile"]


def test_a_distance_is_counted_in_words_across_sentences() -> None:
    text = "Lol! One two three: missile."
    assert find(text, within="distance", distance=3) == ["missile"]
    assert find(text, within="distance", distance=2) == []


@given(st.integers(0, 30), st.integers(1, 20), st.booleans())
def test_a_distance_reaches_over_as_many_words_as_it_says(between: int, distance: int, later: bool) -> None:
    words = ["lol", *["tea"] * between, "missile"]
    text = " ".join(words if later else reversed(words))
    assert bool(find(text, within="distance", distance=distance)) == (between <= distance)


def test_a_word_is_evidence_of_one_concept_even_when_it_is_repeated() -> None:
    pair = [["death"], ["violence"]]
    assert find("This kills", all_of=pair) == []
    assert find("He killed, and killed again", all_of=pair) == []
    assert find("He slapped her at a funeral", all_of=pair) == ["slapped her at a funeral"]
    assert find("#KillKill", all_of=pair) == []


def test_of_three_lists_each_needs_words_of_its_own() -> None:
    three = [["death"], ["violence"], ["joke"]]
    assert find("A slap at a funeral, lol", all_of=three) == ["slap at a funeral, lol"]
    assert find("It kills, lol", all_of=three) == []
    assert find("He kills with a slap, lol", all_of=three) == ["kills with a slap, lol"]


def test_ambiguous_words_count_beside_clear_ones_unless_the_guard_says_otherwise() -> None:
    assert find("A strike, lol") == ["strike, lol"]
    assert find("A strike, how funny") == []
    assert find("A strike, how funny", clear=False) == ["strike, how funny"]
    assert find("A strike, lol", clear_only=["war"]) == []
    assert find("An air strike, lol", clear_only=["war"]) == ["air strike, lol"]


def test_concepts_that_calm_take_the_finding_away_when_they_are_clear() -> None:
    assert find("War, lol. Our helpline is open.", none_of=["charity"]) == []
    assert find("War, lol. Thanks for your support.", none_of=["charity"]) == ["War, lol"]


def test_nothing_is_found_in_exceptions_whatever_the_form_of_their_words() -> None:
    assert find("A price war, lol", **{"except": ["price war"]}) == []
    assert find("Price wars, lol, and missiles", **{"except": ["price war"]}) == ["lol, and missiles"]
    assert find("במלחמת המחירים, חחח", **{"except": ["מלחמת המחירים"]}) == []


def test_nothing_is_found_beside_phrases_of_help() -> None:
    unless = ["helpline", "קו סיוע"]
    assert find("War, lol. Call our helplines.", unless=unless) == []
    assert find("מלחמה, חחח. קו הסיוע פתוח", unless=unless) == []
    assert find("War, lol.", unless=unless) == ["War, lol"]


def test_a_phrase_beside_the_first_concept_may_be_asked_for_or_excuse_it() -> None:
    assert find("Faster than a missile, lol", near=["faster than"]) == ["missile, lol"]
    assert find("A missile, lol, and we four bakers are faster than you", near=["faster than"]) == []
    assert find("A film about the war, lol", unless_near=["film about"]) == []
    assert find("A film about us. War, lol", unless_near=["film about"]) == []
    assert find("A film about bakers of our town. War, lol", unless_near=["film about"]) == ["War, lol"]


def test_a_sentence_has_one_finding_however_many_words_it_has_of_a_concept() -> None:
    assert find("War, missiles, war, lol, then missiles. A war, lol") == ["war, lol", "war, lol"]


def test_the_message_may_name_the_words() -> None:
    matcher = parse_themes(Parameters({"all_of": [["war"], ["joke"]]}), TABLE)
    [match] = matcher.matches(AnalyzedDraft(Draft(text="Lol, this #AirStrike!"), TABLE))
    assert match.values == {"words": {"en": "“Lol” and “Air Strike”", "he": "״Lol״ ו־״Air Strike״"}}


def test_three_pieces_are_quoted_one_by_one() -> None:
    three = Parameters({"all_of": [["death"], ["violence"], ["joke"]]})
    matcher = parse_themes(three, TABLE)
    [match] = matcher.matches(AnalyzedDraft(Draft(text="A slap at a funeral, lol"), TABLE))
    assert match.values["words"] == {"en": "“slap”, “funeral” and “lol”", "he": "״slap״, ״funeral״ ו־״lol״"}


def test_the_words_in_a_message_stand_as_they_were_sent() -> None:
    table = ConceptTable.of(
        {"terror": {"phrases": {"en": ["9/11"]}}, "discount": {"phrases": {"en": ["20% off"]}}}
    )
    matcher = parse_themes(Parameters({"all_of": [["terror"], ["discount"]]}), table)
    [match] = matcher.matches(AnalyzedDraft(Draft(text="9/11 special: 25% off"), table))
    assert match.values == {"words": {"en": "“9/11” and “25% off”", "he": "״9/11״ ו־״25% off״"}}


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"all_of": []}, "/parameters/all_of"),
        ({"all_of": [["war"]] * 5}, "/parameters/all_of"),
        ({"all_of": [["war"], ["jokes"]]}, "/parameters/all_of/1/0"),
        ({"none_of": ["charities"]}, "/parameters/none_of/0"),
        ({"within": "paragraph"}, "/parameters/within"),
        ({"distance": 0}, "/parameters/distance"),
        ({"clear": "yes"}, "/parameters/clear"),
        ({"except": ["!"]}, "/parameters/except/0"),
        ({"near": ["!"]}, "/parameters/near/0"),
        ({"unless_near": ["!"]}, "/parameters/unless_near/0"),
        ({"any_of": []}, "/parameters/any_of"),
    ],
)
def test_an_invalid_parameter_is_refused_where_it_stands(parameters: dict[str, Any], pointer: str) -> None:
    with pytest.raises(GuardError) as refused:
        find("War", **parameters)
    assert refused.value.pointer == pointer


def test_a_text_that_repeats_itself_is_answered_at_once() -> None:
    text = "war slap kill " * 3_000
    assert len(find(text, all_of=[["war"], ["violence"], ["death"]], within="post")) == 1
    assert find(text, all_of=[["war"], ["joke"]], within="distance") == []


WORDS = st.sampled_from(
    [
        "missile",
        "lol",
        "funny",
        "kill",
        "slap",
        "#WarLol",
        "#killjoy",
        "טילים",
        "חחח",
        "helpline",
        "bomb",
        "🙂",
    ]
)


@given(
    st.lists(st.tuples(WORDS, st.sampled_from([" ", ". ", "\n", ", ", "\u200f", " \u200b"])), max_size=30),
    st.sampled_from(["sentence", "post", "distance"]),
)
def test_spans_lie_in_the_text_and_do_not_overlap(pieces: list[tuple[str, str]], within: str) -> None:
    text = "".join(word + separator for word, separator in pieces)
    draft = AnalyzedDraft(Draft(text=text), TABLE)
    matcher = parse_themes(Parameters({"all_of": [["war"], ["joke", "death"]], "within": within}), TABLE)
    spans = [match.span for match in matcher.matches(draft) if match.span is not None]
    assert spans == sorted(spans)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(draft.text_at(span).strip() == draft.text_at(span) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
