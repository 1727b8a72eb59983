"""Checked drafts as text for people: the findings, their places in the draft, and the precedents."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from kb.cli.text_display import display_width, displayable, excerpt
from kb.domain.guard import Verdict
from kb.domain.language import interface_language
from kb.messages import Message
from kb.translation import translated
from kb.web.finding_groups import by_guard, standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kb.cli.drafts.checked_draft import CheckedDraft
    from kb.cli.text_display import Excerpt
    from kb.web.finding_groups import FindingGroup

_COLORS = {"stop": "red", "caution": "yellow", "note": "cyan", "clear": "green", "error": "red"}
_INDENT = "  "
_MAX_LESSONS = 2
"""How many lessons of a precedent are shown; JSON has all of them."""

_MIN_COLUMNS, _MAX_COLUMNS = 40, 120


_WORDS = {
    "stop": Message("STOP"),
    "caution": Message("CAUTION"),
    "note": Message("NOTE"),
    "clear": Message("CLEAR"),
    "stop_mark": Message("STOP {}"),
    "caution_mark": Message("CAUTION {}"),
    "note_mark": Message("NOTE {}"),
    "noted": Message("CLEAR, TO NOTE: {}"),
    "error": Message("NOT CHECKED"),
    "suggestion": Message("Instead: {}"),
    "lesson": Message("Lesson: {}"),
    "from": Message("From: {}"),
    "also": Message("Also: {} {}"),
    "row_note": Message("Note: {}"),
    "clash": Message("Clash: {}"),
    "suppressed": Message("Suppressed: {guard} ({count}): {reason}"),
    "precedents": Message("Precedents"),
    "strong": Message("strong"),
    "weak": Message("weak"),
    "why": Message("In common: {}"),
    "reads_like": Message("Like this sample draft: {}"),
    "own_guard": Message("caught by the same guard"),
    "incident": Message("incident {}"),
    "no_date": Message("no date yet"),
    "summary": Message("Checked {total}: {stop} stop, {caution} caution, {clear} clear{rest}."),
    "unchecked": Message(", {} not checked"),
    "clashing": Message(", {} clashing"),
}


class Words:
    """The words of one language."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.language = interface_language(languages)

    def __call__(self, key: str, *values: object, **named: object) -> str:
        return translated(_WORDS[key], self.language).format(*values, **named)


class Report:
    """Writes reports in one language. Found text is underlined in color, or marked by carets below it."""

    def __init__(self, words: Words, *, color: bool, columns: int) -> None:
        self._words, self._color = words, color
        self._width = min(max(columns, _MIN_COLUMNS), _MAX_COLUMNS) - 2 * len(_INDENT)

    def lines(self, checked: CheckedDraft) -> Iterator[str]:
        """The lines of the report on one draft."""
        yield f"{self._bold(displayable(checked.name))}: {self._verdict(checked)}"
        if checked.error is not None:
            yield f"{_INDENT}{displayable(checked.error)}"
        if checked.result is not None:
            for note in checked.result.get("notes", ()):
                yield _INDENT + self._words("row_note", displayable(note["detail"]))
            yield from self._result(checked, checked.result)

    def summary(self, drafts: Sequence[CheckedDraft]) -> str:
        """The number of drafts by verdict, in one line."""
        verdicts = [checked.verdict for checked in drafts]
        counts = {verdict.value: verdicts.count(verdict) for verdict in Verdict}
        clashing = sum(bool(checked.result and checked.result.get("clashes")) for checked in drafts)
        rest = (("unchecked", verdicts.count(None)), ("clashing", clashing))
        return self._words(
            "summary",
            total=len(drafts),
            rest="".join(self._words(name, count) for name, count in rest if count),
            **counts,
        )

    def _result(self, checked: CheckedDraft, result: Mapping[str, Any]) -> Iterator[str]:
        for group in by_guard(result["findings"]):
            yield ""
            yield from self._group(checked, group)
        for clash in result.get("clashes", ()):
            message = self._words("clash", displayable(clash["message"]))
            yield f"{_INDENT}{self._mark(clash['severity'])} {message}"
        for suppressed in result["suppressed"]:
            if suppressed["findings"]:
                yield _INDENT + self._words(
                    "suppressed",
                    guard=suppressed["guard"],
                    count=suppressed["findings"],
                    reason=displayable(suppressed["reason"]),
                )
        if result["precedents"]:
            yield ""
            yield f"{_INDENT}{self._bold(self._words('precedents'))}"
            for precedent in result["precedents"]:
                yield from self._precedent(precedent)
        yield ""

    def _verdict(self, checked: CheckedDraft) -> str:
        notes = standing(checked.result["findings"]) if checked.result else ()
        if checked.verdict == Verdict.CLEAR and notes:
            return self._styled(self._words("noted", len(notes)), fg=_COLORS["note"], bold=True)
        return self._severity(checked.verdict or "error")

    def _group(self, checked: CheckedDraft, group: FindingGroup) -> Iterator[str]:
        """The findings of a guard: each place, and the advice once."""
        finding, previous = group.findings[0], None
        for each in group.findings:
            message, guard = displayable(each["message"] or ""), f"[{each['guard']}]"
            region = checked.region(each["span"])
            place = "" if region is None else f"{region.line}:{region.column} "
            words = "" if message == previous else f"{message} {self._dim(guard)}"
            yield f"{_INDENT}{place}{self._mark(each['severity'])} {words}".rstrip()
            previous = message
            if each["span"] is not None:
                yield from self._underlined(_excerpt(checked.text, each["span"], self._width))
        if finding["suggestion"]:
            yield 2 * _INDENT + self._words("suggestion", displayable(finding["suggestion"]))
        if finding["lesson"] is not None:
            yield 2 * _INDENT + self._words("lesson", displayable(finding["lesson"]["text"]))
        if finding["incident"] is not None:
            yield 2 * _INDENT + self._words("from", self._incident(finding["incident"]))
        for each in group.folded:
            guard = self._dim(f"[{each['guard']}]")
            yield 2 * _INDENT + self._words("also", displayable(each["message"] or ""), guard)

    def _underlined(self, part: Excerpt) -> Iterator[str]:
        if self._color:
            marked = click.style(part.marked, bold=True, underline=True, fg="red")
            yield f"{2 * _INDENT}{part.before}{marked}{part.after}"
            return
        yield f"{2 * _INDENT}{part.before}{part.marked}{part.after}"
        carets = "^" * max(1, display_width(part.marked))
        yield f"{2 * _INDENT}{' ' * display_width(part.before)}{carets}"

    def _precedent(self, precedent: Mapping[str, Any]) -> Iterator[str]:
        strength = self._words(precedent["strength"])
        incident = precedent["incident"]
        if not isinstance(incident, dict):  # the result of a calendar's row has only the id and the title
            title, number = displayable(precedent["title"]), self._words("incident", incident)
            yield f"{2 * _INDENT}{strength}: {title} · {number}"
            return
        yield f"{2 * _INDENT}{strength}: {self._incident(incident)}"
        why = precedent["why"]
        themes = [why["labels"].get(key, key) for key in why["themes"]]
        own = [self._words("own_guard")] if why.get("guards") else []
        reasons = [*own, *why["words"], *themes, *filter(None, [why["platform"]])]
        if reasons:
            yield 3 * _INDENT + self._words("why", displayable(", ".join(dict.fromkeys(reasons))))
        if example := why.get("example"):
            yield 3 * _INDENT + self._words("reads_like", displayable(" ".join(example.split())))
        for lesson in precedent["lessons"][:_MAX_LESSONS]:
            yield 3 * _INDENT + self._words("lesson", displayable(lesson["text"]))

    def _incident(self, incident: Mapping[str, Any]) -> str:
        facts = (incident["title"], incident["organization"], self._day(incident))
        return " · ".join([*map(displayable, facts), self._words("incident", incident["id"])])

    def _day(self, incident: Mapping[str, Any]) -> str:
        """The date of an incident at its precision."""
        day: str | None = incident["occurred_on"]
        if day is None:
            return self._words("no_date")
        from kb.date_words import partial_date_text

        return partial_date_text(day, incident["occurred_precision"], self._words.language)

    def _severity(self, key: str) -> str:
        return self._styled(self._words(key), fg=_COLORS[key], bold=True)

    def _mark(self, severity: str) -> str:
        """A severity before a message: a short word, followed by a colon in Hebrew, which has no capitals."""
        return self._styled(self._words(f"{severity}_mark", "").rstrip(), fg=_COLORS[severity], bold=True)

    def _bold(self, text: str) -> str:
        return self._styled(text, bold=True)

    def _dim(self, text: str) -> str:
        return self._styled(text, dim=True)

    def _styled(self, text: str, **style: Any) -> str:
        return click.style(text, **style) if self._color else text


def _excerpt(text: str, span: Mapping[str, int], width: int) -> Excerpt:
    """The line in which a span of a text begins, with the part of the span that is on that line."""
    start = max(text.rfind(character, 0, span["start"]) for character in "\r\n") + 1
    ends = (text.find(character, span["start"]) for character in "\r\n")
    line = text[start : min((end for end in ends if end >= 0), default=len(text))]
    return excerpt(line, span["start"] - start, min(span["end"] - start, len(line)), width)


def wants_color() -> bool:
    """Whether standard output is a terminal that shows colors, and they are not turned off (NO_COLOR)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_columns() -> int:
    """The width of the terminal, or a readable width without one."""
    return shutil.get_terminal_size((_MAX_COLUMNS, 24)).columns
