"""The posts of a content calendar after their check: what is wrong with each, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.pages.language import in_interface_language
from kb.pages.messages import _l
from kb.web.finding_groups import standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kb.pages.messages import LazyText
    from kb.services.check.calendar_file import CalendarRow

FIELD_NAMES: Mapping[str, LazyText] = {
    "text": _l("The text"),
    "scheduled_at": _l("Day and time"),
    "platform": _l("Platform"),
    "account": _l("Account"),
    "organization": _l("Brand"),
    "audience_countries": _l("Countries"),
    "links": _l("Links"),
}
"""The fields of a draft that a calendar has columns for, in words."""

_ORDER = ("stop", "invalid", "caution", "clash", "clear")
_TEXT_START = 140

RESULT_COLUMNS = ("row", "verdict", "text", "findings", "clashes", "error", "precedents")
"""The columns of the result as CSV."""


class Post(NamedTuple):
    """A post: the row it is in, how it fared, how its text begins, and what was found.

    `state` is its verdict; `clash` for a clear one that does not go together with others, `invalid` for one
    that could not be checked.
    """

    number: int
    state: str
    text: str
    findings: Sequence[Mapping[str, Any]]
    clashes: Sequence[Mapping[str, Any]]
    error: str | None
    precedents: Sequence[Mapping[str, Any]]
    data: Mapping[str, Any]


def post_of(row: CalendarRow, result: Mapping[str, Any]) -> Post:
    """The post of a row, with its result."""
    data = row.data if isinstance(row.data, dict) else {}
    words = " ".join(str(data.get("text", "")).split())
    return Post(
        number=result["row"],
        state=_state(result),
        text=words if len(words) <= _TEXT_START else f"{words[:_TEXT_START].rstrip()}…",
        findings=standing(result["findings"]),
        clashes=result["clashes"],
        error=_error_text(result["error"]["errors"]) if result["error"] else None,
        precedents=[each for each in result["precedents"] if each["strength"] == "strong"],
        data=data,
    )


def ranked(posts: Iterable[Post]) -> list[Post]:
    """Posts, the worst first; of equals, in the order of the file."""
    return sorted(posts, key=lambda post: (_ORDER.index(post.state), -len(post.findings), post.number))


def result_row(post: Post) -> dict[str, Any]:
    """A post as a row of CSV."""
    return {
        "row": post.number,
        "verdict": post.state,
        "text": post.data.get("text", ""),
        "findings": [finding["message"] for finding in post.findings],
        "clashes": [clash["message"] for clash in post.clashes],
        "error": post.error,
        "precedents": [precedent["title"] for precedent in post.precedents],
    }


def _state(result: Mapping[str, Any]) -> str:
    if result["error"]:
        return "invalid"
    if result["verdict"] == "clear" and result["clashes"]:
        return "clash"
    return str(result["verdict"])


def _error_text(errors: Sequence[Mapping[str, str]]) -> str:
    """Errors in one text, each after the name of its field."""
    names = [FIELD_NAMES.get(error["pointer"].strip("/").partition("/")[0]) for error in errors]
    texts = zip(names, [in_interface_language(error["detail"]) for error in errors], strict=True)
    return " ".join(f"{name}: {text}" if name is not None else text for name, text in texts)
