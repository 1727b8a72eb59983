"""The passage of a text that shows why it was found: what is marked in it, and which one is shown."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search import highlight as highlight_module
from kb.search.analysis import tokens
from kb.search.highlight import (
    NO_HIGHLIGHTS,
    SEPARATOR,
    WINDOW,
    HighlightTerms,
    find_marks,
    highlight_all,
    highlight_first,
)
from tests.search.one_text import highlight, terms

LETTERS = "abcdefg'’ .-\"אבגדהוכךםמןנףפץצשת״׳\u05b4\u200f1İßﬁ<&🦓"
TEXT = st.text(alphabet=st.sampled_from(LETTERS + "中\u0301"), max_size=60)
JOINED = st.text(alphabet=st.sampled_from("ab '’.״אב\u05b4-\u200f"), max_size=40)
"""Few letters and much of what joins them or keeps them apart: most of it is on the border of a word."""


def terms_in(
    text: str, marked: set[str], language: str = "en", phrases: tuple[tuple[str, ...], ...] = ()
) -> HighlightTerms:
    """Terms to mark in a text, with every word of it as a surface form."""
    forms: dict[str, set[str]] = {}
    for token in tokens(text, language):
        forms.setdefault(text[token.start : token.end].casefold(), set()).add(token.term)
    return HighlightTerms(
        frozenset(marked),
        tuple(tuple(frozenset({term}) for term in phrase) for phrase in phrases),
        {form: frozenset(found) for form, found in forms.items()},
    )


def marks_by_tokens(text: str, asked: HighlightTerms) -> list[tuple[int, int]]:
    """What is to be marked, by the plain way: cut up the whole text, and join what overlaps."""
    found = list(tokens(text, "en"))
    marks = [(token.start, token.end) for token in found if token.term in asked.terms]
    for phrase in asked.phrases:
        for first in range(len(found) - len(phrase) + 1):
            run = found[first : first + len(phrase)]
            if all(token.term in place for token, place in zip(run, phrase, strict=True)):
                marks.append((run[0].start, run[-1].end))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


@st.composite
def searches(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> tuple[str, HighlightTerms]:
    """A text, with some of its terms and perhaps a phrase of them to mark."""
    text = draw(texts)
    found = terms(text, "en")
    marked = draw(st.sets(st.sampled_from(sorted(set(found))), max_size=3)) if found else set()
    first = draw(st.integers(0, max(0, len(found) - 1)))
    run = tuple(found[first : first + draw(st.integers(0, 3))])
    return text, terms_in(text, marked, phrases=(run,) if run else ())


class TestMarks:
    @given(searches(JOINED) | searches(st.text(alphabet=st.sampled_from(LETTERS), max_size=60)))
    def test_substring_matching_finds_what_tokenizing_finds(self, search: tuple[str, HighlightTerms]) -> None:
        text, asked = search
        assert [mark[:2] for mark in find_marks(text, "en", asked)] == marks_by_tokens(text, asked)

    @given(searches(JOINED) | searches(TEXT))
    def test_marks_are_the_same_without_surface_forms(self, search: tuple[str, HighlightTerms]) -> None:
        text, asked = search
        unknown = replace(asked, surface_forms=None)
        assert find_marks(text, "en", unknown) == find_marks(text, "en", asked)
        assert highlight_first(text, "en", unknown) == highlight_first(text, "en", asked)

    @given(searches(JOINED) | searches(TEXT))
    def test_many_words_are_marked_as_few_are(self, search: tuple[str, HighlightTerms]) -> None:
        text, asked = search
        few = find_marks(text, "en", asked), highlight_first(text, "en", asked)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(highlight_module, "FEW_FORMS", 0)
            assert (find_marks(text, "en", asked), highlight_first(text, "en", asked)) == few

    @pytest.mark.parametrize("few", [0, 50])
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("#NotAWord, word", "#<mark>NotAWord</mark>, <mark>word</mark>"),
            ("@MyWord.com and ＃NotAWord", "@<mark>MyWord</mark>.com and ＃<mark>NotAWord</mark>"),
            ("NotAWord myword", None),
        ],
    )
    def test_a_hashtag_is_marked_as_a_whole_for_a_word_in_it(
        self, monkeypatch: pytest.MonkeyPatch, text: str, expected: str | None, few: int
    ) -> None:
        monkeypatch.setattr(highlight_module, "FEW_FORMS", few)
        word = frozenset({"word"})
        forms = {"word": word, "#notaword": word, "#myword": word}
        assert highlight(text, "en", HighlightTerms(word, surface_forms=forms)) == expected

    @given(TEXT, st.data())
    def test_a_script_without_spaces_is_marked_as_it_is_tokenized(
        self, text: str, data: st.DataObject
    ) -> None:
        found = sorted(set(terms(text, "en")))
        asked = terms_in(text, data.draw(st.sets(st.sampled_from(found))) if found else set())
        assert [mark[:2] for mark in find_marks(text, "en", asked)] == marks_by_tokens(text, asked)

    @pytest.mark.parametrize(
        ("text", "marked", "expected"),
        [
            ("The ad, add and ads.", {"ad"}, "The <mark>ad</mark>, add and <mark>ads</mark>."),
            ("ad_ad #ad", {"ad"}, "<mark>ad</mark>_<mark>ad</mark> #<mark>ad</mark>"),
            ("McDonald’s and Donald", {"mcdonald"}, "<mark>McDonald’s</mark> and Donald"),
            ("rock'n'roll, then roll", {"roll"}, "rock&#x27;n&#x27;roll, then <mark>roll</mark>"),
            ("ארה״ב וארה״ב", {"ארהב"}, "<mark>ארה״ב</mark> וארה״ב"),
            ("ב-Blue Origin", {"blue"}, "ב-<mark>Blue</mark> Origin"),
            ("שָׁלוֹם, שלום", {"שלומ"}, "<mark>שָׁלוֹם</mark>, <mark>שלום</mark>"),
            ("Straße İstanbul war", {"war"}, "Straße İstanbul <mark>war</mark>"),
        ],
    )
    def test_only_whole_words_are_marked(self, text: str, marked: set[str], expected: str) -> None:
        assert highlight(text, "en", terms_in(text, marked)) == expected

    def test_a_form_matches_only_the_term_of_the_language_of_its_text(self) -> None:
        asked = HighlightTerms(frozenset({"fehl"}), surface_forms={"fehler": frozenset({"fehl"})})
        assert highlight("Fehler", "de-AT", asked) == "<mark>Fehler</mark>"
        assert highlight("Fehler", "en", asked) is None

    def test_adjacent_bigrams_become_one_mark(self) -> None:
        text = "今天发布错误了"
        asked = terms_in(text, {"发布", "布错", "错误"}, "zh")
        assert highlight(text, "zh", asked) == "今天<mark>发布错误</mark>了"

    @pytest.mark.parametrize("unit", ["x'", "א״", "א׳a/"])
    def test_joined_letters_do_not_match_as_single_letters(self, unit: str) -> None:
        """Cut anew at each place that looks like the word, such a text took 10 s."""
        text = unit * (20_000 // len(unit))
        asked = HighlightTerms(frozenset({unit[0]}), surface_forms={unit[0]: frozenset({unit[0]})})
        assert highlight(text, "en", asked) is None


class TestPhrases:
    text = "Copy that: need copy and link, and no link elsewhere."
    phrase = ("need", "copi", "and", "link")

    def test_a_phrase_is_one_mark_and_its_words_alone_get_none(self) -> None:
        assert highlight(self.text, "en", terms_in(self.text, set(), phrases=(self.phrase,))) == (
            "Copy that: <mark>need copy and link</mark>, and no link elsewhere."
        )

    def test_a_word_that_is_also_queried_alone_is_marked_outside_the_phrase(self) -> None:
        assert highlight(self.text, "en", terms_in(self.text, {"link"}, phrases=(self.phrase,))) == (
            "Copy that: <mark>need copy and link</mark>, and no <mark>link</mark> elsewhere."
        )

    def test_each_position_of_a_phrase_accepts_alternatives(self) -> None:
        text = "wrong account, wrong handle, wrong day"
        asked = HighlightTerms(
            surface_forms=terms_in(text, set()).surface_forms,
            phrases=((frozenset({"wrong"}), frozenset({"account", "handl"})),),
        )
        assert highlight(text, "en", asked) == (
            "<mark>wrong account</mark>, <mark>wrong handle</mark>, wrong day"
        )

    def test_a_text_without_the_phrase_does_not_match(self) -> None:
        text = "link and copy need"
        assert highlight(text, "en", terms_in(text, set(), phrases=(self.phrase,))) is None


class TestPassages:
    @given(TEXT, st.sets(st.sampled_from(["abc", "שלומ", "a", "ארהב", "中"]), min_size=1))
    def test_a_passage_is_part_of_the_text_marked_and_escaped(self, text: str, matched: set[str]) -> None:
        passage = highlight(text, "en", terms_in(text, matched))
        assert (passage is None) is (not matched & set(terms(text, "en")))
        if passage is not None:
            plain = re.sub("</?mark>|^…|…$", "", passage)
            assert unescape(plain) in text
            assert "<" not in plain
            for marked in re.findall("<mark>(.*?)</mark>", passage):
                assert set(terms(unescape(marked), "en")) & matched

    def test_user_text_never_becomes_markup(self) -> None:
        text = '<script>alert("ad")</script> & <mark>'
        assert highlight(text, "en", terms_in(text, {"ad"})) == (
            "&lt;script&gt;alert(&quot;<mark>ad</mark>&quot;)&lt;/script&gt; &amp; &lt;mark&gt;"
        )

    def test_the_window_with_the_most_different_words_is_shown(self) -> None:
        text = "zebra " + "filler " * 100 + "a zebra met a giraffe there " + "filler " * 100
        passage = highlight(text, "en", terms_in(text, {"zebra", "giraff"}))
        assert passage is not None
        assert "<mark>zebra</mark> met a <mark>giraffe</mark>" in passage
        assert passage.startswith("…")
        assert passage.endswith("…")
        assert len(passage) < 400

    @given(
        st.lists(st.tuples(st.integers(0, 90), st.integers(1, 300), st.sampled_from("abc")), min_size=1),
    )
    def test_no_window_has_more_different_words_or_as_many_and_more_marks(
        self, gaps: list[tuple[int, int, str]]
    ) -> None:
        marks, reached = [], 0
        for gap, size, term in gaps:
            marks.append((reached + gap, reached + gap + size, term))
            reached = marks[-1][1]
        windows = [
            (first, last)
            for first in range(len(marks))
            for last in range(first, len(marks))
            if first == last or marks[last][1] - marks[first][0] <= WINDOW
        ]

        def value(window: tuple[int, int]) -> tuple[int, int]:
            shown = marks[window[0] : window[1] + 1]
            return len({mark[2] for mark in shown}), len(shown)

        assert highlight_module._best_window(marks) == max(windows, key=value)

    def test_a_passage_begins_and_ends_with_whole_words(self) -> None:
        text = "filler " * 100 + "zebra " + "filler " * 100
        passage = highlight(text, "en", terms_in(text, {"zebra"}))
        assert passage is not None
        assert set(re.sub("</?mark>|…", "", passage).split()) == {"filler", "zebra"}
        assert len(re.sub("</?mark>|…", "", passage)) <= WINDOW

    def test_a_match_longer_than_the_window_is_shown_in_full(self) -> None:
        text = "word " * 20 + "x" * (WINDOW + 60) + " word" * 20
        long = "x" * (WINDOW + 60)
        asked = HighlightTerms(frozenset({"x" * 100}), surface_forms={long: frozenset({"x" * 100})})
        assert highlight(text, "en", asked) == f"…<mark>{long}</mark>…"

    def test_no_terms_or_no_text_gives_no_passage(self) -> None:
        assert highlight("zebra", "en", NO_HIGHLIGHTS) is None
        assert highlight("", "en", terms_in("zebra", {"zebra"})) is None
        assert highlight_all("", "en", terms_in("zebra", {"zebra"})) == {}
        assert highlight_first("", "en", terms_in("zebra", {"zebra"})) == {}


class TestSeveralTexts:
    @given(searches(JOINED), st.lists(st.integers(0, 40), max_size=3))
    def test_highlighting_texts_together_equals_highlighting_each(
        self, search: tuple[str, HighlightTerms], cuts: list[int]
    ) -> None:
        text, asked = search
        borders = [0, *sorted(cuts), len(text)]
        texts = [text[start:end] for start, end in pairwise(borders)]
        each = {number: highlight(one, "en", asked) for number, one in enumerate(texts)}
        found = {number: passage for number, passage in each.items() if passage is not None}
        joined = SEPARATOR.join(texts)
        assert highlight_all(joined, "en", asked) == found
        assert highlight_first(joined, "en", asked) == dict(list(found.items())[:1])

    def test_a_phrase_does_not_match_across_texts(self) -> None:
        asked = terms_in("wrong account", {"wrong", "account"}, phrases=(("wrong", "account"),))
        joined = SEPARATOR.join(["so wrong", "account", "neither", "wrong\naccount"])
        assert highlight_all(joined, "en", asked) == {
            0: "so <mark>wrong</mark>",
            1: "<mark>account</mark>",
            3: "<mark>wrong\naccount</mark>",
        }

    def test_the_first_matching_text_contains_the_whole_phrase(self) -> None:
        asked = terms_in("wrong account", set(), phrases=(("wrong", "account"),))
        joined = SEPARATOR.join(["so wrong", "an account", "a wrong account", "wrong account"])
        assert highlight_first(joined, "en", asked) == {2: "a <mark>wrong account</mark>"}
