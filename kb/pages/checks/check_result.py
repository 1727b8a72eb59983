"""The result of a check as a page shows it: the draft with its marks, findings, precedents, changes."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.guard import Severity
from kb.guards.sentences.parts import sentences
from kb.pages.checks.former_findings import former_finding
from kb.pages.messages import _
from kb.pages.words.check_words import cost_words, playbook_sentence, tone, verdict_sentence
from kb.web.finding_groups import FindingGroup, by_guard, standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kb.pages.checks.former_findings import Former

    Names = Mapping[str, Mapping[str, str]]
    """The names of terms, by namespace and key."""

NAMED = ("platform", "industry", "failure_mode", "response")
"""The namespaces of the terms named in results."""

_ORDER = [severity.value for severity in Severity]
_MAX_REASONS = 6

_MAX_WHOLE = 5_000
"""The longest draft shown in full. Of a longer one, which the form below repeats, only the surroundings of
findings are shown."""

_CONTEXT = 14
"""The fewest characters of context shown beside a finding in a long draft."""

_ENDS = 24
"""How many characters of the beginning and of the end of a found passage are shown there."""

_WHOLE_GROUPS = 5
"""How many guards are shown in full. The advice of further ones is on their own pages."""

_MAX_PLACES = 40
_MIN_PLACES = 2
"""The most places shown of all guards, and the fewest of one: after fixing these, people check again."""

_MIN_SENTENCE = 40
"""The minimum length of a sentence, in characters."""

_MAX_THEMES = 10
_MAX_WORDS = 80

_MIN_QUOTED = 40
"""The fewest characters that messages quote of a found passage."""

_QUOTED = re.compile("[“״]([^”״]*)[”״]")


class Segment(NamedTuple):
    """A segment of a draft covered by the same findings: `numbers`. The findings in `ends` end with it,
    without folded ones."""

    text: str
    severity: str | None
    numbers: tuple[int, ...]
    ends: tuple[int, ...]

    def piece(self, start: int, end: int) -> Segment:
        """Return a slice of the segment, by offsets within it."""
        ends = self.ends if end == len(self.text) else ()
        return self._replace(text=self.text[start:end], ends=ends)


class Place(NamedTuple):
    """Further findings of a guard with the same description: `words`, or nothing."""

    words: str
    findings: list[Mapping[str, Any]]


class Changes(NamedTuple):
    """The differences from the previous check: findings that are gone, the numbers of new ones, and how many
    stayed, all without those folded into others. `number` is the receipt of the previous check, if it has
    one."""

    gone: list[Former]
    new: frozenset[int]
    stayed: int
    number: int | None


def result_view(result: Mapping[str, Any], text: str | None, names: Names) -> dict[str, Any]:
    """Return the template variables of a result or a loaded receipt, with the text if it is kept.

    `names` has the names of the terms of NAMED.
    """
    findings = numbered(result)
    counts = Counter(dict.fromkeys(_ORDER, 0))
    counts.update(str(finding["severity"]) for finding in standing(findings))
    groups, unshown = limited(by_guard(findings))
    shown = [finding for group in groups for each in group for finding in each]
    apart = [finding["number"] for group in groups for finding in group.findings]
    segments = None if text is None else mark(text, sorted(shown, key=itemgetter("number")))
    if segments and text and len(text) > _MAX_WHOLE:
        segments = excerpt(segments)
    lessons = {finding["lesson"]["text"] for finding in findings if finding["lesson"]}
    precedents = [
        {**item, **_reasons(item, names), **_without_lessons(item, lessons)} for item in result["precedents"]
    ]
    keep_first_example(precedents)
    strong = [item for item in precedents if item["strength"] == "strong"]
    return {
        "verdict": result["verdict"],
        "tone": tone(result["verdict"], counts),
        "sentence": verdict_sentence(result["verdict"], counts, set_aside(result)),
        "findings": findings,
        "groups": groups,
        "positions": {number: position for position, number in enumerate(apart, 1)},
        "unshown": unshown,
        "segments": segments,
        "is_excerpt": text is not None and len(text) > _MAX_WHOLE,
        "further_places": further_places,
        "whole_groups": _WHOLE_GROUPS,
        "strong": strong,
        "weak": [item for item in precedents if item["strength"] == "weak"],
        # It speaks of similar cases, which the page must not deny just above it.
        "playbook": playbook_sentence(result["playbook"], names["response"]) if strong else None,
        "themes": [theme["label"] for theme in result["themes"]],
        "most_themes": _MAX_THEMES,
        "notes": [note["detail"] for note in result.get("notes", ())],
        "notice": result["notice"],
    }


def set_aside(result: Mapping[str, Any]) -> int:
    """Count the findings that were suppressed in a result."""
    return sum(item["findings"] for item in result["suppressed"] if item["active"])


def numbered(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the findings of a result, numbered from 1, as in its receipt."""
    return [{**finding, "number": number} for number, finding in enumerate(result["findings"], 1)]


def limited(groups: Sequence[FindingGroup]) -> tuple[list[FindingGroup], dict[int, int]]:
    """Return the findings to show, and the number of hidden ones by the number of their guard's first."""

    def fit(most: int) -> bool:
        return sum(min(len(places), most) for group in groups for places in group) <= _MAX_PLACES

    most = next(filter(fit, range(_MAX_PLACES, _MIN_PLACES, -1)), _MIN_PLACES)
    unshown = {group.findings[0]["number"]: max(0, len(group.findings) - most) for group in groups}
    return [FindingGroup(group.findings[:most], group.folded[:most]) for group in groups], unshown


def mark(text: str, findings: Sequence[Mapping[str, Any]]) -> list[Segment]:
    """Split a text into segments, each with the findings that cover it. Spans may overlap."""
    apart = {finding["number"] for finding in standing(findings)}
    spans = [
        (finding["number"], str(finding["severity"]), finding["span"]["start"], finding["span"]["end"])
        for finding in findings
        if finding["span"] is not None and finding["span"]["start"] < finding["span"]["end"]
    ]
    edges = sorted({0, len(text), *(edge for span in spans for edge in span[2:] if edge <= len(text))})
    segments = []
    for start, end in pairwise(edges):
        covering = [span for span in spans if span[2] <= start and end <= span[3]]
        segments.append(
            Segment(
                text[start:end],
                min((span[1] for span in covering), key=_ORDER.index, default=None),
                tuple(span[0] for span in covering),
                tuple(span[0] for span in covering if span[3] == end and span[0] in apart),
            )
        )
    return segments


def excerpt(segments: Sequence[Segment]) -> list[Segment]:
    """Return the segments with findings and their context; `[…]` marks omitted text between them."""
    last = len(segments) - 1
    return [
        segment._replace(
            text=_shortened(segment.text, _CONTEXT, at_start=place == 0, at_end=place == last)
            if segment.severity is None
            else _shortened(segment.text, _ENDS)
        )
        for place, segment in enumerate(segments)
    ]


def _shortened(text: str, length: int, *, at_start: bool = False, at_end: bool = False) -> str:
    """Return the beginning and the end of a text, each at least `length` long and in whole words. At the
    start of a draft, only the end is kept; at its end, only the beginning."""
    after, before = text.find(" ", length), text.rfind(" ", 0, -length)
    if after < 0 or before <= after:
        return text
    head = "" if at_start and not at_end else text[:after]
    tail = "" if at_end and not at_start else text[before:]
    return f"{head} […]{tail}"


def further_places(findings: Sequence[Mapping[str, Any]], is_excerpt: bool) -> list[Place]:
    """Group a guard's findings after the first by their description. An excerpt shows the found words."""
    places: dict[str, Place] = {}
    for finding in findings[1:]:
        words = place_words(finding, findings[0])
        if words == (finding["span"] or {}).get("text"):
            words = "" if is_excerpt else _cut(words)
        places.setdefault(words, Place(words, [])).findings.append(finding)
    return [*places.values()]


def _cut(words: str) -> str:
    return words if len(words) <= _MAX_WORDS else f"{words[: _MAX_WORDS - 1].rstrip()}…"


def place_words(finding: Mapping[str, Any], first: Mapping[str, Any]) -> str:
    """Describe a further place of a guard: the found words if its message says the same as the first one's,
    else its message."""
    found: str | None = (finding["span"] or {}).get("text")
    if found and _gist(finding) == _gist(first):
        return found
    return finding["message"] or ""


def _gist(finding: Mapping[str, Any]) -> str:
    """Return a message without its quotations of the draft, whether whole, cut or in parts."""
    found, message = (finding["span"] or {}).get("text") or "", finding["message"] or ""
    if found:
        cut = rf"{re.escape(found[:_MIN_QUOTED])}[^…]*…"
        message = re.sub(rf"{re.escape(found)}|{cut}", "", message, count=1)
    return _QUOTED.sub(lambda quoted: "" if quoted[1].rstrip(" …") in found else quoted[0], message)


def comparable(former: Iterable[Former], result: Mapping[str, Any]) -> list[Former]:
    """Return former findings, except those of guards suppressed in a result: they are not gone."""
    left_out = {item["guard"] for item in result["suppressed"] if item["active"]}
    return [each for each in former if each.guard not in left_out]


def changes_since(
    former: Sequence[Former], findings: Sequence[Mapping[str, Any]], number: int | None = None
) -> Changes:
    """Compare findings with former ones. A finding stays if its guard finds the same text, wherever it is;
    else a guard that still finds something has found a remaining place. One that was folded into another and
    no longer is does not count as new."""
    left = [*former]
    unmatched: list[Mapping[str, Any]] = []
    for finding in findings:
        now = former_finding(finding)
        same = next((each for each in left if each[:3] == now[:3]), None)
        if same is None:
            unmatched.append(finding)
        else:
            left.remove(same)
    new = set()
    for finding in unmatched:
        moved = next((each for each in left if each.guard == finding["guard"]), None)
        if moved is None:
            new.add(finding["number"])
        else:
            left.remove(moved)
    apart = {finding["number"] for finding in standing(findings)}
    gone = [each for each in left if not each.folded]
    return Changes(gone, frozenset(new & apart), len(apart - new), number)


def _first_sentence(text: str) -> str:
    """Return the first sentence of a text; a very short candidate is taken for an abbreviation."""
    return next((text[: part.end] for part in sentences(text) if part.end >= _MIN_SENTENCE), text)


def _without_lessons(item: Mapping[str, Any], shown: set[str]) -> dict[str, Any]:
    """Return the `lessons` of a precedent that no finding shows."""
    return {"lessons": [lesson for lesson in item["lessons"] if lesson["text"] not in shown]}


def keep_first_example(precedents: Iterable[dict[str, Any]]) -> None:
    """Of precedents that share an example draft, let the first alone show it."""
    shown: set[str | None] = {None}
    for item in precedents:
        if item["example"] in shown:
            item["example"] = None
        shown.add(item["example"])


def _reasons(item: Mapping[str, Any], names: Names) -> dict[str, Any]:
    why = item["why"]
    reasons = [
        *([_("caught by the same guard")] if why["guards"] else []),
        *(why["labels"][key] for key in why["themes"] if key in why["labels"]),
        *(names["failure_mode"].get(key, key) for key in why["failure_modes"]),
        *(_("“%(word)s”", word=word) for word in why["words"]),
        *([names["platform"].get(why["platform"], why["platform"])] if why["platform"] else []),
    ]
    story = _first_sentence(item["incident"]["summary"] or "")
    return {
        "story": story,
        "cost": cost_words(item["cost"]),
        "reasons": ", ".join([*dict.fromkeys(reasons)][:_MAX_REASONS]),
        "example": why.get("example"),
    }
