"""The parts of an incident for editing, each with a form of a few related fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.domain.incident import TEXT_FIELDS
from kb.pages.edits import controls
from kb.pages.messages import _l

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.pages.edits.controls import Control
    from kb.pages.messages import LazyText


class Field(NamedTuple):
    """A field of a part.

    `label` defaults to the label of the incident's field, and `hint`, for a field that is `asked`, to the
    question of the postmortem form. `advice` is the error for a value that the schema rejects. `options` is a
    namespace of the taxonomy, or the name of an enumeration.
    """

    name: str
    control: Control
    label: LazyText | None = None
    hint: LazyText | None = None
    advice: LazyText | None = None
    options: str | None = None
    asked: bool = False


class Part(NamedTuple):
    """A part of an incident with its form. The form of a list is for one of its items."""

    key: str
    title: LazyText | None
    fields: tuple[Field, ...]
    item: LazyText | None = None
    numbered: LazyText | None = None
    add: LazyText | None = None

    @property
    def is_list(self) -> bool:
        return self.item is not None


class Section(NamedTuple):
    """Parts under a heading."""

    title: LazyText
    parts: tuple[Part, ...]


_SHORTEN = _l("Shorten it: at most 20,000 characters are kept.")
_DAY = _l("Write a day that has come, with the name of its month, such as May 16, 2018.")
_MOMENT = _l("Write a day and a time that have come, and none before the one at which it was posted.")
_DAY_HINT = _l("Such as May 16, 2018. Leave it empty if it is not known.")
_ADDRESS = _l("Write a whole address, such as https://example.org/news.")


def _text(name: str, **more: LazyText) -> Field:
    return Field(name, controls.TEXT, advice=_SHORTEN, asked=True, **more)


def _alone(field: Field) -> Part:
    return Part(field.name, None, (field,))


_LESSON = Field(
    "text",
    controls.TEXT,
    label=_l("The lesson"),
    hint=_l("One lesson each, as advice that others can follow tomorrow."),
    advice=_l("Write a lesson of at most 2,000 characters."),
)

_RESPONSE = (
    Field(
        "kind",
        controls.CHOICE,
        label=_l("What was done"),
        advice=_l("Choose what was done."),
        options="response",
    ),
    Field("at", controls.DAY, label=_l("On which day"), hint=_DAY_HINT, advice=_DAY),
)

_IMPACT = (
    Field(
        "kind",
        controls.CHOICE,
        label=_l("What it cost"),
        advice=_l("Choose what kind of cost it was."),
        options="impacts",
    ),
    Field(
        "amount",
        controls.AMOUNT,
        label=_l("How much"),
        hint=_l("A number, such as 1,500,000. Leave it empty if it is not known."),
        advice=_l("Write a number with at most two decimal places, such as 1500000 or 1250.50."),
    ),
    Field(
        "currency",
        controls.CODE,
        label=_l("Currency"),
        hint=_l("Three letters, such as USD or ILS. Leave it empty if it is not money."),
        advice=_l("Write the three letters of a currency, such as USD or ILS."),
    ),
    Field("alleged", controls.TICK, label=_l("It is alleged, not established")),
    Field(
        "source",
        controls.NULLABLE_LINE,
        label=_l("Who says so"),
        advice=_l("Shorten it to 200 characters."),
    ),
)

_SOURCE = (
    Field(
        "title", controls.LINE, label=_l("Its title"), advice=_l("Write a title of at most 500 characters.")
    ),
    Field(
        "publisher",
        controls.NULLABLE_LINE,
        label=_l("Who published it"),
        advice=_l("Shorten it to 200 characters."),
    ),
    Field("url", controls.ADDRESS, label=_l("Its address"), advice=_ADDRESS),
    Field(
        "archive_url",
        controls.ADDRESS,
        label=_l("Address of an archived copy"),
        hint=_l("Pages disappear: a copy at web.archive.org stays."),
        advice=_ADDRESS,
    ),
    Field("published_on", controls.DAY, label=_l("Published on"), hint=_DAY_HINT, advice=_DAY),
    Field(
        "kind",
        controls.CHOICE,
        label=_l("What it is"),
        advice=_l("Choose what kind of source it is."),
        options="sources",
    ),
)

SECTIONS = (
    Section(
        _l("The story"),
        (
            _alone(
                Field(
                    "title",
                    controls.LINE,
                    advice=_l("Write a title of at most 300 characters."),
                    asked=True,
                )
            ),
            _alone(_text("summary")),
            _alone(_text("outcome")),
            Part(
                "cause",
                None,
                (
                    _text("cause"),
                    Field("confidence", controls.ONE, label=_l("How certain that is"), options="confidences"),
                ),
            ),
            _alone(_text("why_failure")),
            _alone(_text("alternative")),
            Part(
                "lessons",
                None,
                (_LESSON,),
                item=_l("Lesson"),
                numbered=_l("Lesson %(number)s"),
                add=_l("Add a lesson"),
            ),
        ),
    ),
    Section(
        _l("The facts"),
        (
            Part(
                "organization",
                None,
                (
                    Field(
                        "organization",
                        controls.LINE,
                        advice=_l("Write the name of the organization, in at most 200 characters."),
                        asked=True,
                    ),
                    Field(
                        "industry",
                        controls.CHOICE,
                        advice=_l("Choose an industry from the list."),
                        options="industry",
                    ),
                ),
            ),
            _alone(
                Field(
                    "occurred_on",
                    controls.DATE,
                    hint=_l(
                        "As precisely as it is known: May 16, 2018, or May 2018, or 2018. Leave it empty if "
                        "nobody knows."
                    ),
                    advice=_l(
                        "Write a date that has come, with the name of its month, such as May 16, 2018, or "
                        "May 2018, or 2018."
                    ),
                )
            ),
            Part(
                "times",
                _l("Times to the minute"),
                (
                    Field("posted_at", controls.MOMENT, label=_l("When it was posted"), advice=_MOMENT),
                    Field(
                        "acknowledged_at",
                        controls.MOMENT,
                        label=_l("When the organization first spoke about it"),
                        advice=_MOMENT,
                    ),
                    Field("removed_at", controls.MOMENT, label=_l("When it was taken down"), advice=_MOMENT),
                ),
            ),
            Part(
                "severity",
                None,
                (Field("severity", controls.LEVEL, options="severities"), _text("severity_evidence")),
            ),
            _alone(_text("audience")),
            _alone(Field("platforms", controls.MANY, options="platform")),
            _alone(
                Field(
                    "kind",
                    controls.ONE,
                    advice=_l("Choose whether it happened or nearly did."),
                    options="kinds",
                )
            ),
            _alone(
                Field(
                    "visibility",
                    controls.ONE,
                    hint=_l("Once it is published. Until then only its team sees it."),
                    advice=_l("Choose who sees it."),
                    options="visibilities",
                )
            ),
        ),
    ),
    Section(
        _l("How it is found"),
        (
            Part(
                "category",
                None,
                (
                    Field(
                        "category",
                        controls.CHOICE,
                        hint=_l("The one kind of failure that it is most of all."),
                        advice=_l("Choose a category from the list."),
                        options="category",
                    ),
                    Field("secondary_categories", controls.MANY, options="category"),
                ),
            ),
            _alone(Field("failure_modes", controls.MANY, options="failure_mode")),
            _alone(
                Field(
                    "themes",
                    controls.MANY,
                    options="theme",
                    hint=_l("The sensitive subjects that it touches."),
                )
            ),
            _alone(
                Field(
                    "tags",
                    controls.WORDS,
                    hint=_l("Words by which you would look for it, separated by commas."),
                    advice=_l("Write at most 50 words or phrases of 80 characters, separated by commas."),
                )
            ),
        ),
    ),
    Section(
        _l("What shows it"),
        (
            Part(
                "responses",
                None,
                _RESPONSE,
                item=_l("A step of the response"),
                numbered=_l("step %(number)s of the response"),
                add=_l("Add a step"),
            ),
            Part(
                "impacts",
                None,
                _IMPACT,
                item=_l("What it cost"),
                numbered=_l("cost %(number)s"),
                add=_l("Add a cost"),
            ),
            Part(
                "sources",
                None,
                _SOURCE,
                item=_l("A source"),
                numbered=_l("source %(number)s"),
                add=_l("Add a source"),
            ),
        ),
    ),
)
"""All parts, in the order of the page."""

PARTS: Mapping[str, Part] = {part.key: part for section in SECTIONS for part in section.parts}

PART_OF: Mapping[str, Part] = {
    name: part
    for part in PARTS.values()
    for name in ([part.key] if part.is_list else [field.name for field in part.fields])
}
"""The part that each field of an incident belongs to."""

_TRANSLATED = frozenset(TEXT_FIELDS)


def translated_fields(part: Part) -> Sequence[Field]:
    """Return the translated fields of a part; none if the part has no texts."""
    if part.key == "lessons":
        return part.fields
    return () if part.is_list else [field for field in part.fields if field.name in _TRANSLATED]
