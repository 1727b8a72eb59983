"""Backtests of guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validates_schema

from kb.domain.guard import MAX_EXAMPLE_CHARACTERS, MAX_EXAMPLES
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import CompleteNested, LimitedList, Text, describe
from kb.schemas.guards import GuardInputSchema, require_short_examples

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_GUARDS = 20
"""Maximum number of guards in one backtest."""


class NamedGuardInputSchema(GuardInputSchema):
    """A guard to test."""

    key = Text(
        120, load_default="guard", min_length=1, metadata=describe("The name of the guard in the response.")
    )


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
    """An example that fails."""

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
    text = fields.String(
        metadata=describe("The text that was found; empty if the finding concerns the post as a whole.")
    )


class CaughtIncidentsSchema(OutputSchema):
    """Results for the latest published incidents that you may see. Each is tested by its post, if that was
    checked, or else by its title and summary.

    `found` lists the first of those in which the guard finds something.
    """

    total = fields.Integer()
    count = fields.Integer()
    found = fields.List(fields.Nested(CaughtIncidentSchema))


class CaughtDraftsSchema(OutputSchema):
    """The drafts in which the guard finds something; `texts` lists the first ones."""

    total = fields.Integer()
    count = fields.Integer()
    share = fields.Float()
    texts = fields.List(fields.String())


class GuardBacktestSchema(OutputSchema):
    """What a guard finds. In `harmless` posts, it should find nothing."""

    guard = fields.String()
    examples = fields.Nested(ExampleResultsSchema)
    incidents = fields.Nested(CaughtIncidentsSchema)
    harmless = fields.Nested(CaughtDraftsSchema)
    drafts = fields.Nested(CaughtDraftsSchema)


class BacktestSchema(OutputSchema):
    """Backtests, in the order of the guards."""

    items = fields.List(fields.Nested(GuardBacktestSchema))
