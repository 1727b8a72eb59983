"""Sentences and paragraphs that were not translated, and what is in another language on purpose."""

import pytest

from kb.guards.placeholders.mixed_languages import untranslated_sentences


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in untranslated_sentences(text)]


def test_a_long_english_sentence_amid_a_hebrew_paragraph_was_not_translated() -> None:
    english = "Swipe up to see the map of all our stores and tell us which of them is the closest to you."
    before = "הקולקציה של האביב הגיעה הבוקר לכל הסניפים, מהצפון ועד אילת, עם מעילים קלים ועם נעליים!"
    assert found(f"{before} {english} מחכים לכם מחר בבוקר עם קפה ועוגה.") == [english]


@pytest.mark.parametrize(
    "text",
    [
        # A title
        "קראנו השבוע את The Old Man and the Sea of the South. נפגשים ביום שני בספרייה. מי בא?",
        # A quotation
        'המנכ"ל כתב. "We are proud of each of you and of all that you have done for us in this year." תודה.',
        # A short sentence
        "הגיע הזמן. This is it. מתחילים מחר.",
        # All is said in both languages
        (
            "ברוכים הבאים. Welcome to the studio, we are glad that you are with us today. "
            "מתחילים בשש. The class starts at six, and there is a room for all of your bags and your coats."
        ),
        # A line of its own
        "הדלתות בשבע.\nDoors open at seven, and the band is on the stage from the first minute of it.\nבואו.",
    ],
)
def test_what_is_in_english_on_purpose_is_left_alone(text: str) -> None:
    assert found(text) == []
