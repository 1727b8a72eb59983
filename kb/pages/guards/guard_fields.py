"""The form fields of a guard: for each type, its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.guard import GuardType
from kb.guards.types.date import TRIBUTE_CONCEPTS
from kb.guards.types.link import CHECKS
from kb.pages.guards.guard_field_kinds import (
    Choice,
    Choices,
    Flag,
    Kind,
    Line,
    Lines,
    NamePicker,
    Number,
    OwnDays,
    PickedLists,
    TimeOfDay,
    Zone,
)
from kb.pages.guards.guard_subjects import SUBJECTS, WATCHED_DAYS, industry_names
from kb.pages.messages import _l
from kb.pages.words.guard_parameter_words import (
    DAY_KIND_WORDS,
    INVITATION_KINDS,
    INVITATION_REQUIREMENTS,
    LINK_CHECKS,
    PLACEHOLDER_KINDS,
    TONE_WORDS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.pages.messages import LazyText


class GuardField(NamedTuple):
    """A parameter of a guard type as a form field: its name, its kind, and its texts.

    `default` is the value that the type assumes without one. Fields with `is_rare` are collapsed. `advice`
    says what to do if the type requires a value.
    """

    name: str
    kind: Kind
    label: LazyText
    hint: LazyText | None = None
    default: Any = None
    is_rare: bool = False
    advice: LazyText | None = None

    @property
    def control(self) -> str:
        """Return the name of its control in the form."""
        return f"p-{self.name}"


_ONE_A_LINE = _l("One per line.")
_LET_PASS = _l("Lets pass")
_HARMLESS = _l(
    "Longer phrases with these words in which they are harmless, such as: not dirt cheap. One per line."
)
_EXCUSES = GuardField(
    "unless",
    Lines(),
    _l("Unless it also says"),
    _l("Phrases that excuse the whole draft, such as: all proceeds. One per line."),
    is_rare=True,
)
_SUBJECTS_HINT = _l("Start typing, and subjects are offered. One is enough.")

FIELDS: Mapping[GuardType, tuple[GuardField, ...]] = {
    GuardType.PLACEHOLDER: (
        GuardField(
            "marks",
            Lines(),
            _l("Your team's own marks of what is not finished"),
            _l("One per line, as they are written, such as @@copy@@."),
        ),
        GuardField("kinds", Choices(PLACEHOLDER_KINDS), _l("Besides these, it finds"), default=["form"]),
        GuardField(
            "except", Lines(), _LET_PASS, _l("Expressions with their signs, one per line."), is_rare=True
        ),
    ),
    GuardType.PHRASE: (
        GuardField(
            "phrases",
            Lines(),
            _l("The words"),
            _l("One per line, up to five words each. Plurals and other forms are found, too."),
            advice=_l("Write at least one word to look for."),
        ),
        GuardField("exact", Flag(), _l("Only in the form written here")),
        GuardField("outside_quotes", Flag(), _l("Not in quotation marks")),
        GuardField("except", Lines(), _LET_PASS, _HARMLESS, is_rare=True),
        _EXCUSES,
    ),
    GuardType.PATTERN: (
        GuardField(
            "pattern",
            Line(is_code=True),
            _l("The pattern"),
            _l(
                "A regular expression (RE2) on the text in small letters, with one space between words and "
                "signs: with a space before and after, it is a whole word. “ticket # [0-9]+” "
                "finds Ticket #48213."
            ),
        ),
        GuardField(
            "except", Lines(), _LET_PASS, _l("Expressions with their signs, one per line."), is_rare=True
        ),
        _EXCUSES,
    ),
    GuardType.THEMES: (
        GuardField(
            "all_of",
            PickedLists(SUBJECTS, most=4),
            _l("The subjects that do not go together"),
            _l(
                "It finds a draft that touches one subject of each list that you fill in. Begin with the "
                "graver ones."
            ),
            advice=_l("Choose at least one subject."),
        ),
        GuardField(
            "within",
            Choice(
                {
                    "sentence": _l("in one sentence"),
                    "post": _l("anywhere in the post"),
                    "distance": _l("at most so many words apart:"),
                }
            ),
            _l("Where they stand"),
            default="sentence",
        ),
        GuardField("distance", Number(1, 100), _l("Words between them, if these count"), default=10),
        GuardField(
            "clear_only",
            NamePicker(SUBJECTS),
            _l("Only if unmistakable, words about"),
            _l("Of these subjects, words that may mean something else do not count."),
            is_rare=True,
        ),
        GuardField("none_of", NamePicker(SUBJECTS), _l("Unless it is about"), is_rare=True),
        GuardField("except", Lines(), _LET_PASS, _HARMLESS, is_rare=True),
        _EXCUSES,
        GuardField(
            "near",
            Lines(),
            _l("Only beside"),
            _l("Phrases of which one stands near the words of the first list, one per line."),
            is_rare=True,
        ),
        GuardField(
            "unless_near",
            Lines(),
            _l("Unless beside"),
            _l("Phrases near which the words of the first list do not count, one per line."),
            is_rare=True,
        ),
        GuardField(
            "clear",
            Flag(is_inverse=True),
            _l("Words that may mean something else are enough"),
            default=True,
            is_rare=True,
        ),
    ),
    GuardType.OPEN_INVITATION: (
        GuardField("kind", Choice(INVITATION_KINDS), _l("Looks for"), default="form"),
        GuardField(
            "require",
            Choices(INVITATION_REQUIREMENTS),
            _l("Only beside"),
            _l("One of those chosen is enough. Without any, the request alone is found."),
            default=["tag", "prize"],
        ),
        GuardField("concepts", NamePicker(SUBJECTS), _l("Only if it is about"), _SUBJECTS_HINT),
        GuardField("industries", Choices(industry_names), _l("Only posts of these industries"), is_rare=True),
        GuardField("except", Lines(), _LET_PASS, _HARMLESS, is_rare=True),
        _EXCUSES,
    ),
    GuardType.DATE: (
        GuardField(
            "tones",
            Choices(TONE_WORDS),
            _l("The days"),
            _l("If you choose here and among the kinds below, both have to fit."),
            advice=_l("Choose days: by what they ask for, by their kind, single ones, or days of your own."),
        ),
        GuardField("kinds", Choices(DAY_KIND_WORDS), _l("Days of these kinds")),
        GuardField(
            "observances",
            NamePicker(WATCHED_DAYS),
            _l("Single days"),
            _l("Start typing, and the days of the calendar are offered."),
        ),
        GuardField(
            "days",
            OwnDays(),
            _l("Days of your own, every year"),
            _l("Such as the anniversary of an accident. The month and the day, and what it is called."),
        ),
        GuardField(
            "concepts",
            NamePicker(SUBJECTS),
            _l("Only posts with a word about any of"),
            _l("Without any, it finds whatever goes out on these days."),
        ),
        GuardField(
            "evening_before",
            Choice(
                {None: _l("as the calendar has it"), True: _l("counts, too"), False: _l("does not count")}
            ),
            _l("The evening before"),
            is_rare=True,
        ),
        GuardField(
            "except_concepts",
            NamePicker(SUBJECTS),
            _l("Lets pass what is about"),
            default=[*TRIBUTE_CONCEPTS],
            is_rare=True,
        ),
    ),
    GuardType.LINK: (
        GuardField(
            "checks",
            Choices(LINK_CHECKS),
            _l("Looks for"),
            default=[*CHECKS],
            advice=_l("Choose at least one."),
        ),
        GuardField(
            "hosts",
            Lines(is_code=True),
            _l("Hosts that only you can open"),
            _l("One per line, without https://, such as preview.example.com."),
        ),
        GuardField(
            "except",
            Lines(is_code=True),
            _l("Hosts that readers can open, whatever their name"),
            _ONE_A_LINE,
            is_rare=True,
        ),
    ),
    GuardType.HASHTAG: (
        GuardField(
            "words",
            Lines(),
            _l("The words that nobody wants to read"),
            _l("One per line. Without any, the built-in list of rude and grave words is used."),
        ),
    ),
    GuardType.ACCOUNT: (
        GuardField(
            "accounts",
            Lines(),
            _l("The only accounts that may publish"),
            _l("One per line. Without any, every account may."),
            advice=_l("Write accounts, or the hours in which two people have to approve, or both."),
        ),
        GuardField("quiet_from", TimeOfDay(), _l("Two people have to approve from")),
        GuardField("quiet_until", TimeOfDay(), _l("until")),
        GuardField(
            "time_zone",
            Zone(),
            _l("Time zone"),
            advice=_l("Choose the time zone of these hours."),
        ),
    ),
    GuardType.APPROVAL: (
        GuardField(
            "concepts",
            NamePicker(SUBJECTS),
            _l("Posts with a word about any of"),
            _l("Without any, it is every post that the guard applies to."),
        ),
    ),
}
"""The fields of the parameters of each type, in the order of the form."""
