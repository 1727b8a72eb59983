"""Guards that apply to a caller's drafts, and backtests of guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validates_schema

from kb.domain.guard import MAX_EXAMPLE_CHARACTERS, MAX_EXAMPLES
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import CompleteNested, LimitedList, Text, describe
from kb.schemas.guards import GuardInputSchema, GuardSchema, require_short_examples

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_GUARDS = 20
"""How many guards are tested at once."""


class NamedGuardSchema(GuardSchema):
    """A guard that looks at your drafts."""

    key = fields.String(metadata=describe("`lesson:12` for the guard of a lesson."))


class GuardListSchema(OutputSchema):
    """The guards that look at your drafts, in the order of their keys."""

    items = fields.List(fields.Nested(NamedGuardSchema))
    ruleset = fields.String(metadata=describe("Hash of the guards and of the data that they use."))


class NamedGuardInputSchema(GuardInputSchema):
    """A guard to test."""

    key = Text(120, load_default="guard", min_length=1, metadata=describe("What to call it in the answer."))


class BacktestInputSchema(InputSchema):
    """Guards to test."""

    guards = LimitedList(
        CompleteNested(NamedGuardInputSchema),
        max_length=MAX_GUARDS,
        required=True,
        metadata=describe(
            f"With up to {MAX_EXAMPLES} examples of each kind; those of all guards together have at most "
            f"{MAX_EXAMPLE_CHARACTERS:,} characters."
        ),
    )

    @validates_schema(skip_on_field_errors=True)
    def _bound_examples(self, data: Mapping[str, Any], **_: Any) -> None:
        require_short_examples((guard["examples"] for guard in data["guards"]), "guards")


class FailedExampleSchema(OutputSchema):
    """An example that does not hold."""

    pointer = fields.String(metadata=describe("JSON pointer into the guard."))
    text = fields.String()
    detail = fields.String()


class ExampleResultsSchema(OutputSchema):
    """The guard's own examples."""

    count = fields.Integer()
    failed = fields.List(fields.Nested(FailedExampleSchema))


class CaughtIncidentSchema(OutputSchema):
    """An incident in whose post the guard finds something."""

    id = fields.Integer()
    title = fields.String()
    language = fields.String(metadata=describe("The language of the title."))
    organization = fields.String()
    text = fields.String(metadata=describe("What it finds; empty for the post as a whole."))


class CaughtIncidentsSchema(OutputSchema):
    """The latest published incidents that you may see: by the post that was checked, or by title and summary.

    `found` are the first of those in which the guard finds something.
    """

    total = fields.Integer()
    count = fields.Integer()
    found = fields.List(fields.Nested(CaughtIncidentSchema))


class CaughtDraftsSchema(OutputSchema):
    """The drafts in which the guard finds something; `texts` are the first of them."""

    total = fields.Integer()
    count = fields.Integer()
    share = fields.Float()
    texts = fields.List(fields.String())


class GuardBacktestSchema(OutputSchema):
    """What a guard finds. `harmless` are posts in which it should find nothing."""

    guard = fields.String()
    examples = fields.Nested(ExampleResultsSchema)
    incidents = fields.Nested(CaughtIncidentsSchema)
    harmless = fields.Nested(CaughtDraftsSchema)
    drafts = fields.Nested(CaughtDraftsSchema)


class BacktestSchema(OutputSchema):
    """Backtests, in the order of the guards."""

    items = fields.List(fields.Nested(GuardBacktestSchema))
