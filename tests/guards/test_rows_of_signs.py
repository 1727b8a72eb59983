"""Notes between rows of signs, blanks at the ends of a text, and leftovers of files, in both languages."""

from __future__ import annotations

import re

import pytest

from tests.support.guard_matches import found, matcher

UNFINISHED = matcher("placeholder", kinds=["form", "slip"])
MARK = re.compile("⟦(.*?)⟧")

TEXTS = (
    """
⟦@@@ check with Dana @@@⟧ Winter sale
⟦@@@check with Dana@@@⟧ Winter sale
⟦%%% price from finance %%%⟧ Winter sale
⟦$$$ check price with Dana $$$⟧ Winter sale
⟦### check with Dana ###⟧ Winter sale
⟦^^^ photo of the team ^^^⟧ We are hiring
⟦^^^ check with Dana ^^^⟧ We are hiring
⟦*** check with Dana ***⟧ Winter sale
⟦&&& need copy and link &&&⟧
CYBER MONDAY!!! ⟦xxxx awaiting headline + URL from design xxxx⟧
⟦@@@ לבדוק עם דנה @@@⟧ מבצע חורף
⟦%%% מחיר מהכספים %%%⟧ מבצע חורף
⟦%%% לבדוק עם דנה %%%⟧ מבצע חורף
⟦^^^ תמונה של הצוות ^^^⟧ אנחנו מגייסים
⟦*** לבדוק עם דנה ***⟧ מבצע חורף
⟦*** להוסיף לינק אחרי שדנה תאשר ***⟧ מבצע חורף
מבצע! ⟦xxxx מחכים לכותרת מהעיצוב xxxx⟧
Sale ends ⟦____⟧
Doors open ⟦____⟧.
⟦______⟧ at our store
המבצע נגמר ⟦____⟧
ההרשמה נפתחת ⟦____⟧
⟦____⟧ בסניפים שלנו
⟦T.B.D.⟧
Price: ⟦T.B.D.⟧ and more
see ⟦file:///home/x.png⟧
see ⟦/home/dana/post.png⟧
⟦&lt;insert link&gt;⟧
⟦&lt;להוסיף קישור&gt;⟧
⟦[insert\N{HANGUL FILLER}link]⟧
""".replace("\\N{HANGUL FILLER}", "\N{HANGUL FILLER}")
    .strip()
    .splitlines()
)

FINISHED = """
xxx happy birthday mum xxx
xxx love you all, need a hug xxx
%%% WINTER SALE %%% Everything must go
%%% Here comes summer %%%
$$$ Check out our deals $$$
$$$ SAVE BIG $$$
*** Winter sale *** Half off *** Ends Sunday ***
Life is ____
Fill in the blank: sale ends ____
____ at our store? Fill it in
Speakers T.B.A.
נחשו: המבצע נגמר ____
""".strip().splitlines()


@pytest.mark.parametrize("text", TEXTS)
def test_the_whole_note_or_blank_is_found(text: str) -> None:
    assert found(UNFINISHED, MARK.sub(r"\1", text)) == MARK.findall(text)


@pytest.mark.parametrize("text", FINISHED)
def test_decoration_kisses_and_games_are_left_alone(text: str) -> None:
    assert found(UNFINISHED, text) == []
