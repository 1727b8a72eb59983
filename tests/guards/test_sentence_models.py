"""Guards on sentences that read like notes to colleagues, or like invitations to the public."""

from __future__ import annotations

import random
import time

import pytest

from kb.guards.ruleset import Ruleset, compile_guard
from kb.guards.sentences.bounds import ModelBounds, SentenceBounds
from kb.guards.sentences.model import SentenceModel, WordClasses, shipped_model
from kb.guards.sentences.parts import PARTS, Part
from kb.guards.sentences.tokens import text_tokens
from tests.support.guard_matches import EMPTY_CONCEPTS, analyzed, found, guard, matcher

NOTES = matcher("placeholder", kinds=["note"])
WORDINGS = matcher("open-invitation", kind="wording")


@pytest.mark.parametrize(
    "text",
    [
        "Proud of our team. ⟦Priya can you check if it's fourth or fifth, HR has a different number.⟧",
        "The sale starts on Friday. ⟦not sure we can say lowest price, ask legal⟧",
        "Doors open at seven. call ⟦Priya to change the date, HR has a different number⟧",
        "Looks good, ⟦just change the second line and publish⟧",
        "הסניף החדש נפתח. ⟦דנה תחליפי את התמונה, היא מהסניף הישן⟧",
        "⟦לא לפרסם לפני שהלקוח מאשר את המחיר⟧",
        "Free router. ⟦Priya can you double check with legal that we can say this⟧ 🙏 Order before Sunday.",
        "הסניף החדש נפתח 🎉 ⟦דנה תחליפי את התמונה, היא מהסניף הישן⟧ 🙏 מחכים לכם ביום ראשון.",
    ],
)
def test_a_note_to_a_colleague_is_found_by_its_words(text: str) -> None:
    before, _, rest = text.partition("⟦")
    note, _, after = rest.partition("⟧")
    assert found(NOTES, before + note + after) == [note]


@pytest.mark.parametrize(
    "text",
    [
        "Please confirm your booking by Thursday so we can hold your table.",
        "Check the weather before you set out, and bring a coat.",
        "Update the app to keep your tickets offline.",
        "Your table is booked. Call to change the date.",
        "Need another day? Click to change the date or cancel.",
        "Reply here to update the name on the ticket.",
        "התור נקבע. לחצו כדי לעדכן את השם בהזמנה.",
        "Our lawyers check every contract before you sign.",
        "בדקו את לוח הרכבות לפני היציאה.",
        "אל תשכחו לכבות את הדוד לפני החופשה.",
    ],
)
def test_what_readers_are_told_is_no_note(text: str) -> None:
    assert found(NOTES, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Tell us your story in your own words",
        "Talk to our new chat robot. It learns from you and posts the best lines you teach it.",
        "Old pictures of the fair? Put them in the comments, they go up on our wall.",
        "Your photos of the old mill, in the comments please. We print them all in our book.",
        "מילה טובה לאחיות? הכול עולה על הקיר בלובי.",
        "תמונות מההופעה? זרקו כאן בתגובות, הכול עולה לסטורי.",
    ],
)
def test_an_invitation_of_no_known_form_is_found_by_its_words(text: str) -> None:
    assert found(WORDINGS, text)


@pytest.mark.parametrize(
    "text",
    [
        "Our CEO answers the ten questions that our support team hears most.",
        "The naming contest is closed. The winner is announced on Friday.",
        "Every message to our helpline is confidential.",
        "Found in every kitchen? Answer in tomorrow's post. No spoilers in the replies, please.",
        "חידה לסוף השבוע: שש אותיות. הפתרון בתגובה הראשונה.",
        "ראש העיר ענה אמש על ארבעים שאלות. ההקלטה באתר.",
        "שאלו את הרוקח אם החיסון מתאים לכם.",
    ],
)
def test_what_nobody_publishes_is_no_invitation(text: str) -> None:
    assert found(WORDINGS, text) == []


def test_a_request_of_a_known_form_is_not_found_twice() -> None:
    text = "Share your photos with #MyDay"
    assert found(matcher("open-invitation"), text)
    assert found(WORDINGS, text) == []


def test_a_ruleset_asks_the_guards_on_sentences_about_every_draft() -> None:
    notes, wordings = guard("placeholder", kinds=["note"]), guard("open-invitation", kind="wording")
    ruleset = Ruleset(
        [compile_guard(each, EMPTY_CONCEPTS) for each in (notes, wordings)], EMPTY_CONCEPTS, "1"
    )
    for text in (
        "Friday. not sure we can say lowest price, ask legal",
        "מילה טובה לאחיות? הכול עולה על הקיר בלובי.",
    ):
        assert ruleset.findings(analyzed(text)), text


def test_only_the_beginning_and_the_end_of_a_long_text_are_looked_at() -> None:
    note = "not sure we can say lowest price, ask legal"
    filler = "The garden is green. " * 200
    assert found(NOTES, f"{note}\n{filler}") == [note]
    assert found(NOTES, f"{filler}\n{note}") == [note]
    assert found(NOTES, f"{filler}\n{note}\n{filler}") == []


def test_what_stands_around_a_part_counts_too() -> None:
    content = {"parts": "clauses", "bias": 0.0, "threshold": 0.0}
    around = {"<first>": 1, "<after end>": 2, "<after word>": 4, "<after line>": 8, "<after bracket>": 16}
    around |= {"<last>": 100, "<before sentence>": 200, "<before word>": 400, "<before line>": 800}
    model = SentenceModel(WordClasses({}), {**content, "weights": around | {"<before bracket>": 1600}})
    text = "Come in. swap it and come\ncall Dana (old one)"

    def score(part: str) -> float:
        start = text.index(part)
        return model.score(text, Part(start, start + len(part)))

    assert score("Come in.") == 1 + 200
    assert score("swap it") == 2 + 400
    assert score("and come") == 4 + 800
    assert score("call Dana") == 8 + 400
    assert score("old one") == 16 + 1600
    assert score("(old one)") == 4 + 100
    assert model.score("swap it") == 0


def test_a_score_is_the_sum_of_the_weights_of_its_features() -> None:
    model = SentenceModel(
        WordClasses({"edit": ["swap"], "part": ["photo"]}),
        {
            "parts": "clauses",
            "bias": -1.0,
            "threshold": 0.0,
            "weights": {"swap": 1.5, "C:edit+part": 2.0, "dog": 9.0},
        },
    )
    assert model.explain("swap the photo") == [("C:edit+part", 2.0), ("swap", 1.5)]
    assert model.score("swap the photo") == 2.5
    assert model.score("the photo") == -1.0
    text = "Hello. Swap the photo"
    assert [text[part.start : part.end] for part in model.matches(text)] == ["Swap the photo"]


def test_a_hebrew_word_is_of_its_class_with_a_prefix_too() -> None:
    classes = WordClasses({"part": ["תמונה"]})
    assert classes.of("תמונה") == classes.of("התמונה") == classes.of("שהתמונה") == ("part",)
    assert classes.of("מונה") == ()


@pytest.mark.parametrize("name", ["notes", "invitations"])
def test_the_shipped_models_know_their_classes(name: str) -> None:
    model = shipped_model(name)
    assert model.explain("ask legal about the photo and share your story")


def test_pairs_are_two_sentences_that_follow_each_other() -> None:
    text = "One. Two!\nThree"
    assert [[text[a:b] for a, b in parts] for parts in PARTS["pairs"](text)] == [
        ["One. Two!"],
        ["Two!\nThree"],
    ]


def test_a_score_does_not_depend_on_the_order_of_features() -> None:
    for number in range(20):  # the order of a set differs from process to process, and from word to word
        words = [f"{'abcdefghijklmnopqrst'[number]}{letter}x" for letter in "abcdef"]
        weights = dict(zip(words, (0.1, 0.2, 0.3, 0.7, 1.1, 2.3), strict=True))
        content = {"weights": weights, "bias": 0.0, "threshold": 1.0, "parts": "clauses"}
        assert SentenceModel(WordClasses({}), content).score(" ".join(words)) == 4.7


def test_a_discarded_part_does_not_eliminate_its_neighbor() -> None:
    weights = {"apple": 2.6, "beach": 2.5, "cloud": 3.6, "dream": 5.4}
    content = {"weights": weights, "bias": 0.0, "threshold": 5.0, "parts": "pairs"}
    text = "apple!\nbeach!\ncloud!\ndream!"
    parts = SentenceModel(WordClasses({}), content).matches(text)
    assert [text[part.start : part.end] for part in parts] == ["apple!\nbeach!", "cloud!\ndream!"]


@pytest.mark.parametrize("seed", range(5))
def test_no_part_of_a_sentence_scores_above_its_bound(seed: int) -> None:
    rng = random.Random(seed)
    words = ["ask", "Dana", "dog", "swap", "Photo", "$", "^", "the"]
    forms = [word.lower() for word in words] + ["<name>"]
    features = [*forms, *(f"{a} {b}" for a in ("^", *forms) for b in (*forms, "$"))]
    names = ["edit", "part"]
    features += [f"C:{name}" for name in (*names, "edit+part", "edit+?", "n0", "n2", "none", "sparse")]
    features += [f"C:{a}>{b}" for a in names for b in names] + [f"^C:{name}" for name in names]
    features += [f"{word}>C:{name}" for word in forms for name in names]
    classes = WordClasses({"edit": ["swap", "ask"], "part": ["photo", "dog"]})
    for _ in range(40):
        weights = {feature: rng.uniform(-1, 1) for feature in features}
        bias = rng.uniform(-1, 1)
        content = {"parts": "clauses", "bias": bias, "threshold": 0.0, "weights": weights}
        model = SentenceModel(classes, content)
        texts = rng.choices([*words, "?"], k=rng.randint(2, 9))
        bounds = SentenceBounds(
            ModelBounds(weights, bias, 5), classes.tokens(texts), is_question="?" in texts
        )
        for first in range(len(texts)):
            for last in range(first + 1, len(texts)):
                assert model.score(" ".join(texts[first : last + 1])) <= bounds.of(first, last)


def test_the_tokens_of_a_part_are_those_of_the_text_unless_it_cuts_one() -> None:
    tokens = text_tokens("Ask Dana's team: 20 dogs?!")
    whole = tokens.within(4, 16)
    assert whole is not None
    assert tokens.texts[whole] == ["Dana's", "team", ":"]
    assert tokens.within(5, 16) is None
    assert tokens.within(4, 25) is None


@pytest.mark.parametrize("text", ["😀" * 20_000, "!" * 20_000 + "x"])
@pytest.mark.parametrize("split", PARTS)
def test_a_long_run_of_emoji_or_marks_is_read_once(split: str, text: str) -> None:
    start = time.process_time()
    assert sum(1 for _ in PARTS[split](text)) <= 1
    assert time.process_time() - start < 1, "the rest of the run was tried at each of its signs"
