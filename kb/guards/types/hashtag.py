"""The type `hashtag`: a single-case hashtag with a second reading that is rude or grave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.guards.errors import GuardError
from kb.guards.hashtag_readings import second_reading
from kb.guards.matcher import Match
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable

_MIN_LENGTH = 3

WORDS = frozenset(
    "anal anus arse ass asses balls bastard bitch blowjob bollocks boner boob boobs bra breast butt "
    "clit cock cocks crap cum cunt dead death devil dick dicks die died dies dildo drunk dyke erect "
    "fag fags fart fuck gay genital genitals hate hitler homo hooker horny incest jerk kill killed "
    "killer kills kkk lust murder naked nazi negro nigga nude nudes orgy panties pee penis penises "
    "piss poo poop porn prick pube pubes pussy queer rape raped raper rapes rapist rapists satan scum "
    "semen sex sexist shit slave slaves slut sluts slag sodomy sperm suck sucks suicide terror "
    "testicle tit tits toss tosser turd twat vagina vulva wank whore whores זונה זונות שרמוטה חרא אונס "
    "אנס נאצי נאצים היטלר רצח הרג מוות שואה זין כוסית מניאק פלוץ קקי".split()
)
"""Words that nobody wants in a tag, in English and Hebrew."""


@dataclass(frozen=True, slots=True)
class HashtagMatcher:
    """Finds tags with a second reading. Capitals or underscores between the words rule one out.

    `{reading}`, the words of the second reading, fills the message.
    """

    words: frozenset[str]

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The tags with a second reading, in text order."""
        for span, piece in draft.tag_pieces:
            reading = second_reading(piece, self.words)
            if reading is not None:
                yield Match(span, {"reading": {"": " ".join(reading.words)}})


def parse_hashtag(parameters: Parameters, concepts: ConceptTable) -> HashtagMatcher:  # noqa: ARG001
    """Read `words`, which replaces the shipped list. Raises GuardError."""
    words = parameters.texts("words")
    for position, word in enumerate(words):
        if not word.strip().isalpha() or len(word.strip()) < _MIN_LENGTH:
            message = Message(
                "{word!r} must be one word of at least {least} letters.",
                word=word,
                least=_MIN_LENGTH,
            )
            raise GuardError(message, f"/parameters/words/{position}")
    return HashtagMatcher(frozenset(word.strip().lower() for word in words) or WORDS)
