"""Times and cut texts as people read them."""

from collections.abc import Callable

import pytest
from flask import Flask
from markupsafe import Markup

from kb.pages.formats import moment, narrated, shortened
from tests.support.pages import Browser


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("They condemned it. The company apologized.", "They condemned it…"),
        ("They wrote the speech, and more than that.", "They wrote the…"),
        ("המסמך נפתח ברשת, ואז נסגר אחרי יום", "המסמך נפתח ברשת…"),
        ("A wordwithoutanyspaceinitself", "A…"),
        ("Onlyonelongwordwithoutanyspace", "Onlyonelongwordwith…"),
        ("Short enough", "Short enough"),
    ],
)
def test_a_text_is_cut_after_a_word_without_punctuation_before_the_dots(text: str, cut: str) -> None:
    assert shortened(text, 20) == cut


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('הפוסט "NEED COPY!!" עלה', "הפוסט &#34;<bdi>NEED COPY!!</bdi>&#34; עלה"),
        ('מבצע "1+1" went out', "מבצע &#34;<bdi>1+1</bdi>&#34; went out"),
        ("צה״ל פרסם ״Hello!״", "צה״ל פרסם ״<bdi>Hello!</bdi>״"),
        ('מנכ"ל וסמנכ"ל של IBM', "מנכ&#34;ל וסמנכ&#34;ל של IBM"),
        ('The "Black Friday!" post', "The &#34;Black Friday!&#34; post"),
        ('<b> "של" b', "&lt;b&gt; &#34;<bdi>של</bdi>&#34; b"),
    ],
)
def test_in_a_text_of_two_scripts_what_is_quoted_has_a_direction_of_its_own(text: str, shown: str) -> None:
    assert narrated(text) == shown


def test_a_quotation_in_a_passage_of_a_hit_has_a_direction_of_its_own() -> None:
    passage = Markup("צלמו &quot;Send us <mark>pics</mark>!&quot; והכול")
    assert narrated(passage) == passage
    plain = Markup("צלמו &quot;Send us pics!&quot; והכול")
    assert narrated(plain) == "צלמו &quot;<bdi>Send us pics!</bdi>&quot; והכול"


def test_a_time_names_its_zone_to_whoever_has_not_chosen_one(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert moment("2026-11-29T06:58:00Z") == "November 29, 2026, 06:58 UTC"


def test_a_time_in_the_zone_that_a_user_has_chosen_is_that_of_her_clock(
    signed_in: Callable[..., Browser],
) -> None:
    noa = signed_in("Noa", north="reader")
    account = noa.open("/account")
    assert " UTC" in account.one(".meta").get_text()
    changed = noa.send(account, "Save", time_zone="Asia/Jerusalem")
    assert " UTC" not in changed.one(".meta").get_text()
