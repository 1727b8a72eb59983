import pytest

from kb.pages.checks.check_result import Segment, mark
from kb.pages.formats import yaml_lines
from kb.pages.marked_text import Part, blocks, marked_parts
from tests.support.pages import Browser


@pytest.mark.parametrize(
    ("text", "directions"),
    [
        ("Our sale begins.\nOn Sunday.", ["ltr"]),
        ("המבצע מתחיל.\nOur sale begins.\n\nביום ראשון.", ["rtl", "ltr", "rtl"]),
        ("#Sale\nהמבצע מתחיל.\n#BlackFriday #Sale\n@brand", ["rtl"]),
        ("https://example.com המבצע\nexample.com/sale\n", ["rtl"]),
        ("המבצע\nmail@example.com", ["rtl"]),
        ("Our sale begins.\n#מבצע\n50%", ["ltr"]),
        ("@brand: המבצע מתחיל", ["rtl"]),
        ("#מבצע", ["rtl"]),
        ("50%", ["ltr"]),
    ],
)
def test_each_line_has_the_direction_of_its_words_and_one_without_words_that_of_the_text(
    text: str, directions: list[str]
) -> None:
    found = blocks([Part(text, False)])
    assert [block.direction for block in found] == directions
    assert "".join(part.text for block in found for part in block.parts) == text


def test_a_mark_goes_on_in_the_next_block_and_its_number_stands_where_it_ends() -> None:
    text = "המבצע [insert\ncopy] is here"
    span = {"start": 6, "end": 19}
    finding = {"number": 1, "severity": "stop", "span": span}
    assert [(block.direction, *block.parts) for block in blocks(mark(text, [finding]))] == [
        ("rtl", Segment("המבצע ", None, (), ()), Segment("[insert\n", "stop", (1,), ())),
        ("ltr", Segment("copy]", "stop", (1,), (1,)), Segment(" is here", None, (), ())),
    ]
    assert [[*block.parts] for block in blocks(marked_parts(text, [span]))] == [
        [Part("המבצע ", False), Part("[insert\n", True)],
        [Part("copy]", True), Part(" is here", False)],
    ]


def test_the_lines_of_a_checked_draft_run_each_in_its_direction(browser: Browser) -> None:
    text = "המבצע מתחיל: [להשלים]\nOur sale: [add link]\n#BlackFriday"
    page = browser.send(browser.open("/check"), "Check it", text=text)
    lines = page.soup.select(".draft > [dir]")
    assert [line["dir"] for line in lines] == ["rtl", "ltr", "rtl"]
    assert [mark.get_text() for line in lines for mark in line.select("mark")] == ["[להשלים]", "[add link]"]


@pytest.mark.parametrize(
    ("text", "isolated"),
    [
        ("  he: ״{text}״ הוא סלנג", "  he: <bdi>״{text}״ הוא סלנג</bdi>"),
        ("- מבצע <b>", "- <bdi>מבצע &lt;b&gt;</bdi>"),
        ('bad: ["מבצע", "sale"]', "bad: [<bdi>&#34;מבצע&#34;</bdi>, <bdi>&#34;sale&#34;</bdi>]"),
        ("title: {en: A sale, he: מבצע}", "title: {en: <bdi>A sale</bdi>, he: <bdi>מבצע</bdi>}"),
        ("key: a\n\n  - sale: 'x'", "key: a\n\n  - sale: &#39;x&#39;"),
    ],
)
def test_each_value_of_yaml_has_its_own_direction(text: str, isolated: str) -> None:
    assert str(yaml_lines(text)) == isolated
