"""What a search does at most, whatever was typed: counted in what it reads, not in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kb.search import known_words, phrase_marks
from kb.search.analysis import Token, index_term, tokens
from kb.search.highlight import (
    FEW_FORMS,
    SEPARATOR,
    WINDOW,
    HighlightTerms,
    _best_window,
    find_marks,
    highlight_all,
    highlight_first,
)
from kb.search.known_words import KnownWords
from kb.search.whoosh_engine.querying import expansion, fallback, matching, precedents
from kb.search.whoosh_engine.querying.explain import MAX_TERMS
from kb.search.whoosh_engine.querying.similar import MAX_COUNTED_WORDS
from kb.search.whoosh_engine.querying.snapshot import Snapshot
from kb.search.whoosh_engine.querying.view import View
from kb.search.words import words
from kb.services.search import highlighter
from tests.support.small_index import SmallIndex

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = [f"zeb{a}{b}{a}" for a in LETTERS for b in "aeiou"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SmallIndex:
    titles = [" ".join(WORDS[number : number + 60]) for number in range(40)]
    return SmallIndex(tmp_path_factory.mktemp("index"), *titles)


def test_a_term_is_read_once_however_many_hits_are_explained(
    index: SmallIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = " ".join(WORDS[:20])
    index.hits(query)  # what is kept of a search is not counted
    counts = [
        _calls(monkeypatch, View, "scores_of_each", index, query, limit, explain=True) for limit in (1, 40)
    ]
    assert counts[0] == counts[1] > 0


def test_the_words_of_a_prefix_are_read_together(index: SmallIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len([word for word in WORDS if word.startswith("zebm")]) == 5
    assert _calls(monkeypatch, View, "scores_of_each", index, "zebm*", 10) == 1
    monkeypatch.setattr(matching, "POSTINGS_AT_ONCE", 1)
    assert _calls(monkeypatch, View, "scores_of_each", index, "zebn*", 10) == 5


def test_the_words_of_a_draft_are_read_together_and_score_as_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        "The café in München",
        "A colour of 5 %",
        "Colors, colors: a color!",
        "שלום לכולם",
        "והשלום שלנו",
    ]
    words = ("cafe", "Muenchen", "colours", "percent", "השלום", "quzz")
    together, one_by_one = (SmallIndex(tmp_path / name, *texts, *WORDS[:30]) for name in ("a", "b"))
    calls: list[int] = []
    scores_of_each = View.scores_of_each

    def noted(view: View, terms: Any, *others: Any) -> Any:
        calls.append(len(terms))
        return scores_of_each(view, terms, *others)

    monkeypatch.setattr(View, "scores_of_each", noted)
    found = together.precedents(*words)
    assert {hit.id for hit in found} == {1, 2, 3, 4, 5}
    assert len(calls) == 1
    monkeypatch.setattr(precedents, "POSTINGS_AT_ONCE", 1)
    assert one_by_one.precedents(*words) == found
    assert len(calls) == 1 + 5


def test_an_explanation_lists_the_terms_that_contribute_most(index: SmallIndex) -> None:
    query = " ".join(f'"{one} {two}"' for one, two in pairwise(WORDS[:26]))
    hits = index.page(f"{query} {' '.join(WORDS[30:34])}", explain=True).hits
    assert hits
    for hit in hits:
        assert hit.explanation is not None
        shares = [row["share"] for row in hit.explanation["terms"]]
        assert len(shares) <= MAX_TERMS
        assert sum(shares) <= 1.0001


INVENTED = [
    f"{one}{two}{end}" for one in ("quzz", "квуз", "qúzz", "קוזז") for two in LETTERS for end in "aeiou"
]


def test_among_hundreds_of_invented_words_those_that_incidents_have_are_found(tmp_path: Path) -> None:
    titles = ("The café in München", "A colour of 5 %", "Привет", "שלום לכולם", "Don't")
    fillers = [" ".join(WORDS[number : number + 3]) for number in range(60)]
    index = SmallIndex(tmp_path, *titles, *fillers)
    known = ("cafe", "Muenchen", "color", "percent", "ПРИВЕТ", "והשלום", "dont", "cafés")
    found = [index.precedents(*words) for words in (known, (*INVENTED, *known), (*known, *INVENTED))]
    assert {hit.id for hit in found[0]} == {1, 2, 3, 4, 5}
    assert found[0] == found[1] == found[2]


def test_words_that_no_incident_has_are_looked_up_together(
    index: SmallIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups: list[str] = []
    lookup = Snapshot.lookup

    def note(snapshot: Snapshot, term: str) -> object:
        lookups.append(term)
        return lookup(snapshot, term)

    monkeypatch.setattr(Snapshot, "lookup", note)
    assert index.precedents(*INVENTED[:390]) == ()
    assert not {*lookups} & {*INVENTED}


def test_the_words_of_a_pasted_text_are_not_all_taken_apart(
    index: SmallIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    pasted = " ".join(f"x{word}" for word in WORDS[:50])
    assert _calls(monkeypatch, expansion, "segmentations", index, pasted, 10) <= 2 * expansion.MAX_SPLIT_WORDS
    assert _calls(monkeypatch, fallback, "names_like", index, pasted, 10) <= 3 * fallback.MAX_TRIED


def test_the_postings_of_other_documents_are_not_scored_to_explain_a_hit(
    index: SmallIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = f'{" ".join(WORDS[:8])} "{WORDS[50]} {WORDS[51]}" zeba*'
    index.hits(query)  # what is kept of a search is not counted
    scored: list[int] = []
    scores_of_each = View.scores_of_each

    def counted(*arguments: Any) -> Any:
        found = scores_of_each(*arguments)
        scored.extend(len(each.doc) for each in found)
        return found

    monkeypatch.setattr(View, "scores_of_each", counted)
    (hit,) = index.page(query, explain=True, limit=1).hits
    assert hit.explanation is not None
    assert len(hit.explanation["terms"]) > 1
    assert max(scored) == 1


def test_a_word_is_not_scored_to_count_the_incidents_that_have_it(
    index: SmallIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = index.view()
    partial = index.view()
    partial.visible_docs, partial._sees_all = view.visible_docs.copy(), False
    partial.visible_docs[::3] = False
    asked = [(each, word, field) for each in (view, partial) for word in WORDS[:30] for field in (None, 0, 1)]
    counts = [each.term_scores(word, field).doc_freq for each, word, field in asked]
    assert sum(map(sum, counts)) > 0
    monkeypatch.setattr(View, "scores_of_each", None)
    assert [each.doc_freq(word, field) for each, word, field in asked] == counts


def test_few_word_lists_are_read_for_an_index_of_many_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    monkeypatch.setattr(known_words, "word_list", asked.add)
    KnownWords().is_known("qwzx", "he en xx de fr ru es it pt pl nl".split())
    assert asked == {"en", "de", "fr", "ru"}


def test_passages_are_looked_for_in_the_beginning_of_long_texts() -> None:
    read: list[int] = []
    found = highlighter.Highlighter(HighlightTerms(frozenset({"zebra"})), only_first=False)
    found._highlight = lambda text, *_: (read.append(len(text)), {})[1]  # type: ignore[func-returns-value]
    joined = SEPARATOR.join(["x" * 19_000] * 10)
    languages = [*"abcdefgh"]
    content = {
        "language": "a",
        "texts": {tag: {"fields": ["title"] * 10, "joined": joined} for tag in languages},
        "names": {},
    }
    for _ in range(100):
        found.passages(content, "a")
    assert sum(read) <= highlighter.MAX_CHARACTERS


def test_the_positions_of_a_word_are_read_once_for_all_fields(
    index: SmallIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    phrase = f'"{WORDS[41]} {WORDS[42]}"'  # in no other test: what was found is kept
    assert _calls(monkeypatch, View, "positions", index, phrase, 10, explain=True) == 2


def test_a_long_text_is_not_tokenized_to_mark_a_phrase(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def counted(text: str, language: str, start: int = 0) -> Iterator[Token]:
        for token in tokens(text, language, start):
            made.append(token.term)
            yield token

    monkeypatch.setattr(phrase_marks, "tokens", counted)
    text = f"zebra {'crossing ' * 50}zebra crossing {'other ' * 5_000}"
    phrase = (frozenset({"zebra"}), frozenset({"cross"}))
    forms = {"zebra": phrase[0], "crossing": phrase[1]}
    asked = HighlightTerms(frozenset(), (phrase,), forms)
    assert len(find_marks(text, "en", asked)) == 2
    assert len(made) <= 4


class Lookups(dict[str, frozenset[str]]):
    """Surface forms that are only looked up, and count how often."""

    count = 0

    def get(self, form: str, default: Any = None) -> Any:
        self.count += 1
        return super().get(form, default)

    def items(self) -> Any:
        raise AssertionError("Each of the surface forms was tried.")


@pytest.mark.parametrize("marked_by", [highlight_all, highlight_first])
def test_the_words_of_a_text_are_looked_up_once_however_many_are_marked(marked_by: Any) -> None:
    forms = Lookups({word: frozenset({index_term(word, "en")}) for word in WORDS})
    assert len(forms) > FEW_FORMS
    asked = HighlightTerms(frozenset().union(*forms.values()), (), forms)
    asked._by_language["en"] = forms
    text = f"other words {SEPARATOR} {WORDS[3]} and {WORDS[7]}, but none of {WORDS[9]}x"
    assert marked_by(text, "en", asked) == {
        1: f" <mark>{WORDS[3]}</mark> and <mark>{WORDS[7]}</mark>, but none of {WORDS[9]}x"
    }
    assert forms.count == len(words(text))


class CountedTerm(str):
    """A term that counts how often a set or a dictionary looks for one."""

    __slots__ = ()
    hashed = 0

    def __hash__(self) -> int:
        CountedTerm.hashed += 1
        return super().__hash__()


def test_a_mark_is_counted_once_however_many_windows_it_is_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CountedTerm, "hashed", 0)
    marks = [(at, at + 1, CountedTerm(at % 7)) for at in range(0, 4_000, 2)]
    first, last = _best_window(marks)
    assert (first, last - first) == (0, WINDOW // 2 - 1)
    assert CountedTerm.hashed <= 8 * len(marks)


def test_of_a_very_long_incident_the_words_that_it_repeats_most_are_counted(
    index: SmallIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    count = View.count_with_each
    monkeypatch.setattr(
        View,
        "count_with_each",
        lambda self, words: (counted.append(len(words)), count(self, words))[1],  # type: ignore[func-returns-value]
    )
    twice = index.titles[0]
    rare = " ".join(f"x{number}y" for number in range(3 * MAX_COUNTED_WORDS))
    assert index.like(f"{rare} {twice} {twice}")[:1] == [twice]
    assert counted == [MAX_COUNTED_WORDS]


def _calls(
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    index: SmallIndex,
    query: str,
    limit: int,
    **options: Any,
) -> int:
    """How often a search calls a function."""
    calls: list[int] = []
    original = getattr(owner, name)

    def counted(*arguments: Any, **keywords: Any) -> Any:
        calls.append(1)
        return original(*arguments, **keywords)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, counted)
        index.page(query, limit=limit, **options)
    return len(calls)
