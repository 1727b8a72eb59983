"""Figures of speech of war and fighting, wherever they stand, beside jokes and memes too."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.config import seeds_dir
from kb.domain.draft import Draft
from kb.guards.analysis import AnalyzedDraft
from kb.search.concept_files import ConceptFiles
from kb.search.concepts import ConceptTable

FIGURES = """
Keep calm and join the war on high prices
Keep calm and ... it's a war on high prices
This or that: war on stains or war on germs? Both!
Keep calm and join the battle of the bands
Lol, the war on drugs and the war on food waste again
Our wars on waste, lol
Which do you hear: the war on prices or the war on plastic?
הצטרפו למלחמה ביוקר המחיה, חחח
חחח, המלחמה ביוקר המחיה נמשכת
זה או זה: מלחמה בכתמים או מלחמה בחיידקים? גם וגם! חחח
מלחמת הלהקות, חחח
קרב הלהקות חוזר, חחח
""".strip().splitlines()

WARS = """
Keep calm and join the war on Gaza
Keep calm and join the war on terror
Lol, a war on a small country
חחח, המלחמה בעזה נמשכת
The war on stains, lol. The war in Ukraine, lol
""".strip().splitlines()


@pytest.fixture(scope="module")
def concepts() -> ConceptTable:
    return ConceptFiles(seeds_dir() / "lexicon.yaml", Path("none")).current()


def touches_war(text: str, concepts: ConceptTable) -> bool:
    return any(touch.clear for touch in AnalyzedDraft(Draft(text=text), concepts).touched.get("war", ()))


def test_a_war_on_things_and_a_contest_are_no_war(concepts: ConceptTable) -> None:
    assert [text for text in FIGURES if touches_war(text, concepts)] == []


def test_a_war_on_people_is_one(concepts: ConceptTable) -> None:
    assert [text for text in WARS if not touches_war(text, concepts)] == []
