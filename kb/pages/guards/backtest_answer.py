"""The response to a backtest: a page that is streamed while the result is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, render_template, stream_with_context

from kb.web.stream_pieces import empty_pieces

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_RESULT = "<!-- result -->"
"""The placeholder of the result in the page."""


def backtest_answer(
    page: str, steps: Generator[None, None, list[dict[str, Any]]], *, status: int = 200
) -> Response:
    """Stream a page with the result of a guard's backtest, which may take half a second."""
    return Response(stream_with_context(_pieces(page, steps)), status=status, mimetype="text/html")


def _pieces(page: str, steps: Generator[None, None, list[dict[str, Any]]]) -> Iterator[str]:
    """Yield the page up to the result, empty pieces while the backtest runs, and the rest."""
    before, after = page.split(_RESULT)
    yield before
    (result,) = yield from empty_pieces(steps)
    yield render_template("guard_backtest_result.html", result=result) + after
