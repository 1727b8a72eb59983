"""The checked posts of a content calendar: the problems of each, the worst first."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.date_words import day_text
from kb.domain.guard import Severity
from kb.pages.checks.check_result import excerpt, mark
from kb.pages.language import in_interface_language, interface_language
from kb.pages.messages import _l
from kb.services.check.calendars.clashes import SEVERITIES
from kb.web.finding_groups import standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kb.pages.checks.check_result import Segment
    from kb.pages.messages import LazyText
    from kb.pages.words.term_labels import Terms
    from kb.services.check.calendars.rows import CalendarRow

FIELD_NAMES: Mapping[str, LazyText] = {
    "text": _l("The text"),
    "scheduled_at": _l("Day and time"),
    "platform": _l("Platform"),
    "account": _l("Account"),
    "organization": _l("Brand"),
    "audience_countries": _l("Countries"),
    "links": _l("Links"),
}
"""The names of the draft fields that a calendar may have columns for."""

_ORDER = ("stop", "caution", "invalid", "clash", "clear")
MAX_SHOWN = 20
"""The most posts on a page."""

_TEXT_START = 140
_MAX_WHOLE = 600
"""The longest post shown in full; of a longer one, only the surroundings of findings are shown."""

STATES: Mapping[str, LazyText] = {
    "stop": _l("Do not publish yet"),
    "invalid": _l("Not checked"),
    "caution": _l("Think it over first"),
    "clash": _l("Does not go together"),
    "clear": _l("No problem found"),
}
"""The states of a post, in words."""

RESULT_COLUMNS = (
    _l("Verdict"), _l("Findings"), _l("Most severe finding"), _l("What was found"), _l("Notes"),
    _l("Day as understood"), _l("Platform as understood"), _l("Column of the text"),
)  # fmt: skip
"""The CSV columns that follow those of the file."""


class Post(NamedTuple):
    """A post: its key, its row, its state, the beginning of its text, and its findings.

    `state` is its verdict; `clash` for a clear one that clashes with others, `invalid` for one
    that could not be checked. `platform` and `when` are as understood; `when` is a text. `column` is the
    heading of the text, empty unless rows may have several.
    """

    key: str
    number: int
    state: str
    text: str
    findings: Sequence[Mapping[str, Any]]
    clashes: Sequence[Mapping[str, Any]]
    error: str | None
    precedents: Sequence[Mapping[str, Any]]
    data: Mapping[str, Any]
    notes: Sequence[str]
    platform: str | None
    platform_name: str
    when: str
    column: str

    @property
    def segments(self) -> list[Segment]:
        """Split the text into segments, each with the numbers (from 1) of the findings that cover it."""
        text = str(self.data.get("text", ""))
        numbered = [{**finding, "number": number} for number, finding in enumerate(self.findings, 1)]
        segments = mark(text, numbered)
        return segments if len(text) <= _MAX_WHOLE else excerpt(segments)


def post_of(row: CalendarRow, result: Mapping[str, Any], terms: Terms) -> Post:
    """Return the post of a row, with its result."""
    data = row.data if isinstance(row.data, dict) else {}
    words = " ".join(str(data.get("text", "")).split())
    return Post(
        key=row.key,
        number=result["row"],
        state=_state(result),
        text=words if len(words) <= _TEXT_START else f"{words[:_TEXT_START].rstrip()}…",
        findings=standing(result["findings"]),
        clashes=result["clashes"],
        error=_error_text(result["error"]["errors"]) if result["error"] else None,
        precedents=[each for each in result["precedents"] if each["strength"] == "strong"],
        data=data,
        notes=[in_interface_language(note["detail"]) for note in result["notes"]],
        platform=result["platform"],
        platform_name=terms.label("platform", result["platform"]) if result["platform"] else "",
        when=_when(result["scheduled_at"], has_time=row.has_time),
        column=row.column or "",
    )


def ranked(posts: Iterable[Post]) -> list[Post]:
    """Sort posts, the worst first; ties by having a note, such as an unreadable day, then by the order of the
    file."""
    return sorted(
        posts,
        key=lambda post: (_ORDER.index(post.state), -len(post.findings), not post.notes, post.number),
    )


def results_to_keep(posts: Sequence[Post], totals: Mapping[str, int]) -> dict[str, Any]:
    """Return the data kept of ranked posts, so that pages can show some of them: states and clashes."""
    return {
        "posts": [[post.key, post.state] for post in posts],
        "clashes": {
            post.key: [[clash["kind"], clash["rows"]] for clash in post.clashes]
            for post in posts
            if post.clashes
        },
        "totals": {**totals},
        "without_day": posts_without_day(posts),
        "without_country": posts_without_country(posts),
    }


def doubtful_posts(results: Mapping[str, Any]) -> int:
    """Count the posts to reconsider, from their stored results: those with a finding of caution, and
    clear ones with a clash of caution.
    """
    clashes = results["clashes"]
    return sum(
        state == "caution"
        or (state == "clash" and any(SEVERITIES[kind] is Severity.CAUTION for kind, _rows in clashes[key]))
        for key, state in results["posts"]
    )


def verdict_counts(states: Iterable[str]) -> dict[str, int]:
    """Count the posts by state, the worst first."""
    counts = Counter(states)
    return {state: counts[state] for state in _ORDER if counts[state]}


def posts_without_day(posts: Iterable[Post]) -> int:
    """Count the posts that were checked without a day."""
    return sum(not (post.when or post.error) for post in posts)


def posts_without_country(posts: Iterable[Post]) -> int:
    """Count the posts whose day was checked without any country's own days."""
    return sum(bool(post.when and not post.data.get("audience_countries")) for post in posts)


def result_cells(post: Post) -> list[Any]:
    """Return the CSV cells of a post, for RESULT_COLUMNS."""
    messages = [finding["message"] or "" for finding in post.findings]
    clashes = [clash["message"] for clash in post.clashes]
    return [
        str(STATES[post.state]),
        len(messages),
        post.error or next(iter([*messages, *clashes]), ""),
        [*messages, *clashes],
        post.notes,
        post.when,
        post.platform_name,
        post.column,
    ]


def _when(text: str | None, *, has_time: bool) -> str:
    """Format a moment with its day of the week, which reveals swapped days and months."""
    if not text:
        return ""
    moment = datetime.fromisoformat(text)
    day = day_text(moment, interface_language(), weekday=True, short=True)
    return f"{day}, {moment:%H:%M}" if has_time else day


def _state(result: Mapping[str, Any]) -> str:
    if result["error"]:
        return "invalid"
    if result["verdict"] == "clear" and result["clashes"]:
        return "clash"
    return str(result["verdict"])


def _error_text(errors: Sequence[Mapping[str, str]]) -> str:
    """Join errors into one text, each after the name of its field."""
    names = [FIELD_NAMES.get(error["pointer"].strip("/").partition("/")[0]) for error in errors]
    texts = zip(names, [in_interface_language(error["detail"]) for error in errors], strict=True)
    return " ".join(f"{name}: {text}" if name is not None else text for name, text in texts)
