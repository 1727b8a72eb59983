"""Endpoints for guards: those that apply to the caller's drafts, and backtests."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, stream_with_context

from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.guards.definition import to_data
from kb.schemas.backtest import BacktestInputSchema, BacktestSchema
from kb.schemas.guards import GuardListSchema
from kb.services.check.guard_writing.backtest import backtest_in_steps, guards_to_test
from kb.services.check.rulesets import current_ruleset
from kb.translation import translated
from kb.web.current_actor import current_actor
from kb.web.languages import message_language, reader_languages
from kb.web.stream_pieces import empty_pieces

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

blueprint = Blueprint(
    "guards",
    __name__,
    url_prefix=API_ROOT,
    description="Guards: what lessons, the service and teams look for in drafts.",
)


@blueprint.route("/guards", methods=["GET"])
@blueprint.response(200, GuardListSchema)
def list_guards() -> Any:
    """List the guards that apply to your drafts. Shipped guards, the team's own, and those of visible
    lessons.
    """
    ruleset = current_ruleset(current_actor())
    guards = (compiled.guard for compiled in ruleset.guards)
    return {"items": [{"key": guard.key, **to_data(guard)} for guard in guards], "ruleset": ruleset.hash}


@blueprint.route("/guards/backtest", methods=["POST"])
@blueprint.arguments(BacktestInputSchema)
@blueprint.response(200, BacktestSchema)
def backtest_guards(data: Mapping[str, Any]) -> Any:
    """Test guards without storing them. They run on their examples, and on incidents, harmless posts and
    stored drafts.
    """
    steps = backtest_in_steps(current_actor(), guards_to_test(data["guards"]), reader_languages({}))
    pieces = _backtest_pieces(steps, message_language())
    return Response(stream_with_context(pieces), mimetype="application/json")


def _backtest_pieces(steps: Generator[None, None, list[dict[str, Any]]], language: str) -> Iterator[str]:
    """The response to a backtest, preceded by empty pieces while it runs."""
    results = yield from empty_pieces(steps)
    for failed in chain.from_iterable(result["examples"]["failed"] for result in results):
        failed["detail"] = translated(failed["detail"], language)
    yield jsonify(BacktestSchema().dump({"items": results})).get_data(as_text=True)
