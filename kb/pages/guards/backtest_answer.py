"""The answer to a backtest: a page whose result is sent while it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, render_template, stream_with_context

from kb.web.stream_pieces import empty_pieces

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_RESULT = "<!-- result -->"
"""Where the result goes in the page."""


def backtest_answer(
    page: str, steps: Generator[None, None, list[dict[str, Any]]], *, status: int = 200
) -> Response:
    """A page with the result of the backtest of one guard, which may take half a second."""
    return Response(stream_with_context(_pieces(page, steps)), status=status, mimetype="text/html")


def _pieces(page: str, steps: Generator[None, None, list[dict[str, Any]]]) -> Iterator[str]:
    """The page up to its result, then empty pieces while the backtest runs, then the rest."""
    before, after = page.split(_RESULT)
    yield before
    (result,) = yield from empty_pieces(steps)
    yield render_template("guard_backtest_result.html", result=result) + after
