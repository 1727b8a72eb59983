"""Example drafts: a draft is compared with others that make the same mistake, by words and concepts."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.config import seeds_dir
from kb.guards.example_drafts import ExampleDraft, ExampleDrafts, Resemblance, shipped_example_drafts
from kb.services.exchange.collections.reading import incident_files
from kb.services.exchange.collections.shipped import shipped_folder
from kb.yaml_text import read_yaml_file
from tests.support.guard_matches import EMPTY_CONCEPTS, analyzed

EXAMPLES = [
    ExampleDraft("Send us your photos of our buses, the best one goes on our wall!", ("photos",)),
    ExampleDraft("Caption this picture of our boss, the funniest line wins a mug", ("captions", "photos")),
    ExampleDraft("The bomb siren is over. Time for our sale: everything at half price", ("alarm",)),
    ExampleDraft("שלחו לנו תמונות מהאוטובוס, הטובה ביותר תתלה על הקיר", ("photos",)),
]
DRAFTS = ExampleDrafts(EXAMPLES, EMPTY_CONCEPTS)


def resemblances(drafts: ExampleDrafts, text: str) -> dict[str | int, Resemblance]:
    return drafts.resemblances(drafts.compare(analyzed(text)))


def ranking(text: str) -> list[str | int]:
    found = resemblances(DRAFTS, text)
    return sorted(found, key=lambda key: -found[key].score)


def test_how_rare_words_are_may_be_told_by_other_examples() -> None:
    few = ExampleDrafts([ExampleDraft("Our siren sale", (7,))], EMPTY_CONCEPTS, DRAFTS)
    assert few.rarities is DRAFTS.rarities
    assert resemblances(few, "the siren")[7].score > resemblances(few, "our sofa")[7].score


def test_a_draft_resembles_the_examples_with_its_informative_words() -> None:
    assert ranking("Show us photos of your buses")[0] == "photos"
    assert ranking("The siren ended an hour ago, and so do our prices: half off")[0] == "alarm"


def test_words_match_in_other_forms() -> None:
    assert ranking("sirens")[0] == "alarm"
    assert ranking("באוטובוסים שלנו") == ["photos"]


def test_the_example_that_is_nearest_is_told() -> None:
    found = resemblances(DRAFTS, "A caption for the picture of our boss?")
    assert found["captions"].nearest == EXAMPLES[1].text


def test_each_further_example_of_an_incident_counts_half_as_much() -> None:
    twice = ExampleDrafts([EXAMPLES[0], EXAMPLES[0], EXAMPLES[2]], EMPTY_CONCEPTS)
    assert resemblances(twice, EXAMPLES[0].text)["photos"].score == pytest.approx(1.5, abs=1e-5)


def test_a_draft_without_a_word_in_common_resembles_nothing() -> None:
    assert ranking("Zebra") == []
    assert ranking("🦓") == []


@given(st.sampled_from(EXAMPLES), st.text(max_size=200))
def test_no_text_resembles_an_incident_more_than_its_own_example(example: ExampleDraft, text: str) -> None:
    single = ExampleDrafts([example, EXAMPLES[2]], EMPTY_CONCEPTS)
    own = resemblances(single, example.text)
    found = resemblances(single, text or "x")
    for key in found.keys() & set(example.like):
        assert 0 < found[key].score <= own[key].score + 1e-5


def test_the_shipped_examples_are_of_shipped_incidents_and_each_of_these_has_some_in_both_languages() -> None:
    folders = (seeds_dir() / "incidents", shipped_folder("public-cases"))
    shipped = {
        read_yaml_file(path, ValueError)["external_id"]
        for folder in folders
        for path in incident_files(folder)
    }
    lines = (seeds_dir() / "example_drafts.jsonl").read_bytes().splitlines()
    rows = [orjson.loads(line) for line in lines]
    assert {key for row in rows for key in row["like"]} == shipped
    for language in ("en", "he"):
        assert {row["like"][0] for row in rows if row["language"] == language} == shipped
    assert len({row["text"] for row in rows}) == len(rows) == len(shipped_example_drafts())


def test_only_incidents_that_are_asked_for_are_told_with_the_same_scores() -> None:
    text = " ".join(each.text for each in EXAMPLES)
    every = resemblances(DRAFTS, text)
    assert len(every) > 1
    for key, resemblance in every.items():
        compared = DRAFTS.compare(analyzed(text))
        assert DRAFTS.resemblances(compared, among={key, "unheard-of"}) == {key: resemblance}
