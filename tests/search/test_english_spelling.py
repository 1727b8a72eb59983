"""British and American spellings are found for each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.english_spelling import MAX_SPELLINGS, spellings, table

LETTERS = st.text(alphabet="acegilnorsuyzt", min_size=1, max_size=8)
ENDINGS = st.sampled_from(
    ["", "ise", "ized", "isation", "our", "or", "oured", "re", "er", "lled", "ogue", "yse"]
)


@pytest.mark.parametrize(
    ("british", "american"),
    [
        pair.split("/")
        for pair in """
            colour/color colourful/colorful discoloured/discolored behaviour/behavior
            unfavourable/unfavorable neighbourhoods/neighborhoods humour/humor
            organisation/organization apologise/apologize apologised/apologized
            criticising/criticizing customisable/customizable programme/program centre/center
            centred/centered theatres/theaters amphitheatre/amphitheater kilometres/kilometers
            travelled/traveled traveller/traveler cancelled/canceled labelling/labeling
            councillor/councilor fulfil/fulfill enrol/enroll enrolment/enrollment skilful/skillful
            defence/defense offences/offenses licence/license practise/practice catalogue/catalog
            dialogues/dialogs analyse/analyze paralysed/paralyzed judgement/judgment ageing/aging
            likeable/likable grey/gray cheque/check tyres/tires kerb/curb aluminium/aluminum
            sceptical/skeptical jewellery/jewelry mouldy/moldy manoeuvre/maneuver paediatric/pediatric
            orthopaedic/orthopedic haemorrhage/hemorrhage foetus/fetus anaesthetic/anesthetic
            encyclopaedia/encyclopedia whisky/whiskey yoghurt/yogurt doughnuts/donuts pyjamas/pajamas
            mum/mom maths/math moustache/mustache advisor/adviser plough/plow
        """.split()
    ],
)
def test_british_and_american_spellings_meet(british: str, american: str) -> None:
    assert american in spellings(british)
    assert british in spellings(american)


def test_a_word_that_differs_in_two_places_has_all_its_spellings() -> None:
    assert set(spellings("colourise")) == {"colorise", "colourize", "colorize"}


@pytest.mark.parametrize(
    "word",
    ["brand", "tweet", "size", "noise", "hour", "four", "tour", "error", "user", "wise", "rise", "draft", ""],
)
def test_most_words_have_one_spelling(word: str) -> None:
    assert spellings(word) == ()


def test_the_words_of_the_table_are_spellings_of_each_other() -> None:
    words = table()
    assert len(words) > 1_500
    for word in words:
        others = spellings(word)
        assert 1 <= len(set(others)) == len(others) <= MAX_SPELLINGS
        assert word not in others
        assert all(word in spellings(other) for other in others), (word, others)


@given(LETTERS, ENDINGS)
def test_spellings_are_symmetric_for_any_word(beginning: str, ending: str) -> None:
    word = beginning + ending
    others = spellings(word)
    assert word not in others
    assert len(others) <= MAX_SPELLINGS
    assert all(word in spellings(other) for other in others)
