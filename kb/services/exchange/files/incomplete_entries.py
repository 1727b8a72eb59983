"""Handle incidents with missing fields: import them as drafts, and report what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.completeness import REQUIRED_TO_PUBLISH
from kb.domain.incident import TEXT_FIELDS, Status
from kb.errors import FieldError
from kb.messages import Message
from kb.schemas.incident_input import MAX_TITLE_LENGTH
from kb.services.exchange.entries import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

_TITLE_LENGTH = 80
"""The maximum length of a title made from another text."""

_BEGINS_AS = Message("There is no title: it became the first words of another text.")
_TOO_LONG = Message("The title is long: it was shortened, and stands whole in the summary.")
_NO_DATE = Message("There is no date.")
_BECOMES_DRAFT = Message("It becomes a draft: to be published, it lacks {names}.")

_MISSING = {
    "organization": Message(
        "There is no organization. Name its column in the mapping, or one for all under `constants`."
    ),
    "category": Message(
        "There is no category. Name its column in the mapping, or one for all under `constants`."
    ),
}
"""Required fields that cannot be guessed."""


def complete(value: dict[str, Any]) -> Iterator[Remark]:
    """Make a title if necessary, make a draft of an entry that cannot be published, and yield remarks."""
    title = value.get("title", "")
    if not title:
        text = next((value[name] for name in TEXT_FIELDS if value.get(name)), _first_lesson(value))
        if text:
            value["title"] = first_words(text)
            yield Remark("/title", _BEGINS_AS)
    elif isinstance(title, str) and len(title) > MAX_TITLE_LENGTH:
        value["title"] = first_words(title)
        value["summary"] = "\n\n".join(filter(None, [title, value.get("summary")]))
        yield Remark("/title", _TOO_LONG)
    if not value.get("occurred_on"):
        yield Remark("/occurred_on", _NO_DATE)
    if value.get("status") in (Status.PUBLISHED, Status.IN_REVIEW):
        missing = [name for name in REQUIRED_TO_PUBLISH if not value.get(name)]
        if missing:
            value["status"] = Status.DRAFT.value
            yield Remark("/status", _BECOMES_DRAFT.format(names=", ".join(missing)))


def missing_errors(value: dict[str, Any]) -> list[FieldError]:
    """Errors for required fields that an entry lacks."""
    return [FieldError(f"/{name}", detail) for name, detail in _MISSING.items() if not value.get(name)]


def first_words(text: str) -> str:
    """The beginning of a text, up to the end of a sentence or a line, as a title."""
    line = next(filter(None, map(str.strip, text.splitlines())), "")
    for end in (". ", "! ", "? "):
        line = line.split(end, 1)[0] if len(line.split(end, 1)[0]) >= 20 else line
    line = line.rstrip(".")
    if len(line) <= _TITLE_LENGTH:
        return line
    return (line[: _TITLE_LENGTH - 1].rpartition(" ")[0] or line[: _TITLE_LENGTH - 1]) + "…"


def _first_lesson(value: dict[str, Any]) -> str:
    lessons = value.get("lessons") or [{}]
    return lessons[0].get("text", "") if isinstance(lessons[0], dict) else ""
