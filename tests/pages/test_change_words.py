from kb.pages.change_words import _in_phrases
from kb.services.incidents.word_diff import WordDiff


def phrases(before: str, after: str) -> list[tuple[str, str]]:
    return [
        (piece["op"], piece["text"])
        for piece in _in_phrases([p._asdict() for p in WordDiff().pieces(before, after)])
    ]


def test_words_that_only_spaces_part_are_one_change() -> None:
    assert phrases("Two were open in one scheduling tool.", "Two were open in one browser, all day.") == [
        ("equal", "Two were open in one "),
        ("delete", "scheduling tool"),
        ("insert", "browser, all day"),
        ("equal", "."),
    ]


def test_a_changed_text_keeps_all_its_words() -> None:
    for before, after in (
        ("a b c", "a x c"),
        ("", "new text"),
        ("old", ""),
        ("a\nb", "a\nb\nc"),
        ("a b", "b a"),
    ):
        pieces = phrases(before, after)
        assert "".join(text for op, text in pieces if op != "delete").split() == after.split()
        assert "".join(text for op, text in pieces if op != "insert").split() == before.split()
