"""Open invitations are found in both languages, in every form of address; requests of other kinds are not.

The texts are in invitation_texts.yaml.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.guards.errors import GuardError
from kb.guards.parameters import Parameters
from kb.guards.types import open_invitation
from kb.guards.types.open_invitation import parse_open_invitation
from kb.search.concepts import ConceptTable
from kb.yaml_text import read_yaml

TABLE = ConceptTable.of({"weapons": {"phrases": {"en": ["drone", "missile"], "he": ["רחפן"]}}})

TEXTS: dict[str, list[str]] = read_yaml(Path(__file__).with_name("invitation_texts.yaml").read_text("utf-8"))


def find(
    text: str, organization: str = "", industry: str = "", account: str = "", **values: Any
) -> list[str]:
    """The texts that a guard finds in a draft."""
    parameters = Parameters(values)
    matcher = parse_open_invitation(parameters, TABLE)
    parameters.finish()
    facts = Draft(text=text, organization=organization, industry=industry, account=account)
    draft = AnalyzedDraft(facts, TABLE)
    return [draft.text_at(match.span) for match in matcher.matches(draft) if match.span is not None]


def test_a_phrase_that_excuses_the_draft_takes_all_requests_away() -> None:
    excused: dict[str, Any] = {"unless": ["museum", "ארכיון"]}
    assert find("Share your photos #MyDay. The museum collects them.", **excused) == []
    assert find("שתפו תמונות מהבית הישן #בית. הארכיון אוסף זיכרונות.", **excused) == []
    assert find("Share your photos #MyDay", **excused) == ["Share your photos"]


def test_what_an_expert_or_a_guide_answers_is_no_request_without_a_tag() -> None:
    assert find("Dr. Lopez answers your questions on Tuesday, at the clinic.") == []
    assert find("Dr. Lopez answers your questions on Tuesday. #AskLopez") != []
    assert find("Our CEO answers your questions on Tuesday.") == ["answers your questions"]


_POLL = "Which film is it going to be next week? You decide, and we show it on the big wall in the square."


def test_the_wording_of_a_poll_with_options_of_the_team_is_no_invitation() -> None:
    wording = {"kind": "wording"}
    assert find(_POLL, **wording) != []
    assert find(f"{_POLL}\nA) The Kid\nB) Metropolis\nVote with one letter.", **wording) == []
    assert find(f"{_POLL}\nA) The Kid\nB) Metropolis\nVote, or anything you like.", **wording) != []


def test_steps_to_take_part_are_no_options() -> None:
    steps = (
        "All of them appear live on the big screen. How it works: 1. Pick your best photo 2. Send it to us"
    )
    assert find(f"Share your holiday photos with us! {steps}") != []


@pytest.mark.parametrize(
    ("promise", "is_one"),
    [
        ("Photos are reviewed by our team before they appear.", True),
        ("Each photo is checked by us before it is shown.", True),
        ("Photos are not reviewed before they appear.", False),
        ("Our stories are read by thousands before breakfast.", False),
    ],
)
def test_only_a_promise_to_review_excuses_an_invitation_without_a_tag(promise: str, is_one: bool) -> None:
    assert (find(f"Send us your photos and win a print. {promise}") == []) is is_one


def test_a_promise_to_review_is_looked_for_once_however_many_guards_ask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched: list[str] = []
    promise = open_invitation._REVIEWED

    class Noting:
        def search(self, text: str) -> object:
            searched.append(text)
            return promise.search(text)

    monkeypatch.setattr(open_invitation, "_REVIEWED", Noting())
    draft = AnalyzedDraft(Draft(text="Share your photos #MyDay"), TABLE)
    matchers = [parse_open_invitation(Parameters({}), TABLE) for _ in range(3)]
    assert [len([*matcher.matches(draft)]) for matcher in matchers] == [1, 1, 1]
    assert searched == [draft.clean.text]


def test_an_open_invitation_is_found() -> None:
    assert [text for text in TEXTS["invitations"] if not find(text)] == []


def test_other_requests_are_not_invitations() -> None:
    assert {text: found for text in TEXTS["others"] if (found := find(text))} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We make them. Post your best picture, tag us, and win!", ["Post your best picture, tag us"]),
        ("\u200eSend us a pho\u200bto of it. #MyDay", ["Send us a pho\u200bto"]),
        ("👋 SHARE YOUR STORY with #OurBank!", ["SHARE YOUR STORY"]),
        ("#חג! צילמתם? שלחו לנו תמונה ותייגו אותנו.", ["צילמתם? שלחו לנו תמונה ותייגו אותנו"]),
        ("ספר/י לנו על זה #סיפור", ["ספר/י לנו"]),
        (
            "Share your photos #a\n\nText between.\n\nTell us what you think.",
            ["Share your photos", "Tell us what"],
        ),
    ],
)
def test_the_words_that_ask_are_marked_once_in_a_sentence(text: str, found: list[str]) -> None:
    assert find(text) == found


def test_a_request_counts_beside_a_tag_or_a_prize_as_the_guard_requires() -> None:
    plain = "Share your photos of the lake"
    tagged, prize = f"{plain} #MyDay", f"{plain} and win"
    assert [bool(find(text)) for text in (plain, tagged, prize)] == [False, True, True]
    assert [bool(find(text, require=["tag"])) for text in (plain, tagged, prize)] == [False, True, False]
    assert [bool(find(text, require=["prize"])) for text in (plain, tagged, prize)] == [False, False, True]
    assert [bool(find(text, require=[])) for text in (plain, tagged, prize)] == [True, True, True]
    assert find("Write to share@example.com, and share your photos") == []
    assert find(f"We are #1. {plain}") == []
    assert find(f"{plain}. " + "Nothing else happens here. " * 30 + "#MyDay") == []


def test_a_guard_may_be_about_concepts_and_industries() -> None:
    about: dict[str, Any] = {"concepts": ["weapons"], "industries": ["defense"]}
    text = "Share your photos #MyDay"
    assert find(text, **about) == []
    assert find(text, industry="food", **about) == []
    assert find(text, industry="defense", **about) == ["Share your photos"]
    assert find(text, organization="Drones of the North", **about) == ["Share your photos"]
    for account in ("@NorthDrones", "north_drones"):
        assert find(text, account=account, **about) == ["Share your photos"], account
    assert find(text, account="@NorthBakery", **about) == []
    assert find("Share your photos of our missiles #MyDay", **about) == ["Share your photos"]


def test_nothing_is_found_in_exceptions() -> None:
    exceptions: dict[str, Any] = {"except": ["share your photo", "שתפו תמונה"]}
    assert find("Share your photos #MyDay", **exceptions) == []
    assert find("שתפו תמונות #יום", **exceptions) == []


def test_an_unknown_parameter_is_refused() -> None:
    for values in ({"require": ["tags"]}, {"concepts": ["weapon"]}, {"tag": True}):
        with pytest.raises(GuardError, match=r"Did you mean|There are"):
            find("Share your photos", **values)


PIECES = st.sampled_from(
    [
        "share your photos",
        "#MyDay",
        "win",
        "tag us",
        "שלחו לנו תמונה",
        "ספר/י לנו",
        "!",
        ". ",
        "\n",
        "\u200f",
        "@",
        "📸",
        "ask us anything",
    ]
)


@given(st.lists(PIECES, max_size=25))
def test_spans_lie_in_the_text_in_order(pieces: list[str]) -> None:
    text = " ".join(pieces)
    draft = AnalyzedDraft(Draft(text=text), TABLE)
    spans = [match.span for match in parse_open_invitation(Parameters({}), TABLE).matches(draft)]
    end = 0
    for span in spans:
        assert span is not None
        assert end <= span.start < span.end <= len(text)
        assert draft.text_at(span).strip() == draft.text_at(span)
        end = span.end
