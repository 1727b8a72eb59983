"""The type `placeholder`: unfinished text in any language.

Invisible characters and look-alike letters do not hide it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import re2

from kb.guards.announced_days import wrong_days
from kb.guards.clean_text import clean
from kb.guards.matcher import Match
from kb.guards.phrase_lists import ExpressionList, excepted_expressions, overlaps_any
from kb.guards.placeholders.rows_of_signs import cut_to
from kb.guards.placeholders.rule_set import RuleSet
from kb.guards.placeholders.site import Rule, Site
from kb.guards.quotations import quotations
from kb.guards.sentences.model import shipped_model
from kb.guards.unfinished_kinds import PAST, WEEKDAYS, asks_colleague, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.clean_text import Span
    from kb.guards.parameters import Parameters
    from kb.guards.sentences.parts import Part
    from kb.search.concepts import ConceptTable

_OPENING = {"]": "[", ")": "(", ">": "<"}

_SELF_SERVICE = re.compile(
    r"(?:please )?(?:tap|click|press|swipe|call|phone|text|reply|log ?in|sign in|open the app|"
    r"visit your account|scan the code)"
    r"(?: (?:us|here|now|back|below|yes|in the app|on the app|on your order|any time|anytime))* to\b"
    r"|(?:הקישו|הקש|הקישי|לחצו|לחצי|לחץ|השיבו|השב|השיבי|התקשרו|חייגו|היכנסו|כנסו|סרקו|כתבו לנו)(?!\w)"
    r"(?: (?:כאן|לנו|אלינו|עכשיו|כן|לאפליקציה|לאזור האישי|באפליקציה))* (?:כדי )?ל",
    re.IGNORECASE,
)
"""Instructions to readers about their own booking or order: call to change the date."""

_LIST_OF_WORDS = re.compile(r"(?:[^\W\d]+, ){2,}(?:and |or )?[^\W\d]+[.!]?\s*$")
"""Steps of work, one word each: `breathe, check, done`."""

_TO_READERS = re.compile(r"whether or not you\b|.*(?<!\w)לעצמ(?:כם|כן)(?!\w)", re.IGNORECASE)
_SPOKEN = re.compile(
    r"[^\"“”״„]*[,.!?…][\"”״],? (?:says?|said|adds?|added|recalls?|explains?|explained|told|writes?|wrote|"
    r"אומרת?|אמרה?|מספרת?|סיפרה?|מוסיפה?|הוסיפה?|כתבה?)(?!\w)",
    re.IGNORECASE,
)
"""The rest of a quotation after an editor's bracket: `[The library] gave me a desk," says Darnell`."""

_JOB_AD = re.compile(r"(?<!\w)(?:דרוש(?:/ה|ה|ים|ות)?|קורות חיים)(?!\w)")
_DUTIES = re.compile(r"(?:.*?(?<!\w)ו?(?:לא )?ל[א-ת]{3,}){2}")
"""Infinitives in a job ad, whose list of duties reads like a list of things left to do."""

_DOUBLE_MARKS = '"“״„«'

_FORM = "form"
_NOTE = "note"
_SLIP = "slip"
_DAY = "day"


@dataclass(frozen=True, slots=True)
class PlaceholderMatcher:
    """Finds merge fields, marks such as TBD, notes to colleagues, and a team's own marks.

    `kinds` selects what to find: `form` is text with a telltale form; `note` are sentences that read like
    notes to colleagues; `slip` are repetitions, truncated ends and other slips, which are less certain; `day`
    are days that a scheduled draft announces and that are past by then, or on another day of the week. The
    team's marks are always found.
    """

    kinds: frozenset[str]
    marks: tuple[str, ...]
    mark_rules: RuleSet
    exceptions: ExpressionList

    @property
    def reads_sentences(self) -> bool:
        """Whether the matcher must read every text (it has no cheap prefilter)."""
        return not self.kinds.isdisjoint((_NOTE, _SLIP, _DAY))

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The unfinished parts of a draft, in text order; overlapping ones are merged.

        `{kind}` in a message says what it is, such as a placeholder, a note to a colleague or the name of a
        file, and `{advice}` what to do.
        """
        days = draft.once(wrong_days) if _DAY in self.kinds else ()
        spans = sorted(self._spans(draft))
        if not (days or spans):
            return
        excepted = self.exceptions.spans(draft)
        for day in days:
            if not overlaps_any(day.span, excepted):
                yield Match(day.span, PAST if day.weekday is None else WEEKDAYS[day.weekday])
        for span in _merged(span for span in spans if not overlaps_any(span, excepted)):
            yield Match(_without_space(span, draft), draft.once(kind_of, span))

    def _spans(self, draft: AnalyzedDraft) -> Iterator[Span]:
        yield from self._own_marks(draft)
        if _FORM in self.kinds:
            yield from draft.unfinished
        if _NOTE in self.kinds:
            text = draft.clean.text
            for part in shipped_model("notes").matches(text):
                span = draft.clean.span(*cut_to(draft.enclosures, *_with_bracket(text, part)))
                if not (_is_for_readers(text, part) or _is_mostly_quoted(span, draft)):
                    yield span
        if _SLIP in self.kinds:
            yield from draft.slips

    def _own_marks(self, draft: AnalyzedDraft) -> Iterator[Span]:
        if any(mark in draft.clean.lower for mark in self.marks):
            for site in self.mark_rules.sites(draft.surroundings).unfinished:
                yield draft.clean.span(site.start, site.end)


def _with_bracket(text: str, part: Part) -> tuple[int, int]:
    """A part, with the bracket before it if it ends with the closing one. Sentences begin after brackets."""
    opening = _OPENING.get(text[part.end - 1])
    opens = opening is not None and text[max(0, part.start - 1) : part.start] == opening
    return part.start - opens, part.end


def _is_for_readers(text: str, part: Part) -> bool:
    """Whether a sentence that reads like a note instructs readers, or lists steps or the duties of a job."""
    if _SELF_SERVICE.match(text, part.start) or _TO_READERS.match(text, part.start, part.end):
        return True
    if _LIST_OF_WORDS.match(text, part.start, part.end):
        return True
    if text[: part.start].rstrip()[-1:] == "]" and _SPOKEN.match(text, part.start):
        return True
    is_duty = _JOB_AD.search(text) is not None and _DUTIES.match(text, part.start, part.end) is not None
    return is_duty and not asks_colleague(text[part.start : part.end])


def _is_mostly_quoted(span: Span, draft: AnalyzedDraft) -> bool:
    """Whether most of a sentence is a quotation that its first words introduce.

    A sentence that consists of quoted text alone may be a note where the quotation belongs.
    """
    quoted = (
        min(span.end, other.end) - other.start
        for other in quotations(draft.clean)
        if span.start < other.start < span.end and draft.text_at(other)[0] in _DOUBLE_MARKS
    )
    return 2 * sum(quoted) > span.end - span.start


def _without_space(span: Span, draft: AnalyzedDraft) -> Span:
    """A part of a draft without the space at its ends, such as the carriage return of a file of Windows."""
    text = draft.text_at(span)
    start = span.start + len(text) - len(text.lstrip())
    return span._replace(start=start, end=start + len(text.strip())) if text.strip() else span


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Merge overlapping spans; the input must be sorted."""
    last: Span | None = None
    for span in spans:
        if last is not None and span.start < last.end:
            last = last._replace(end=max(last.end, span.end))
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def parse_placeholder(parameters: Parameters, concepts: ConceptTable) -> PlaceholderMatcher:  # noqa: ARG001
    """Read `marks` (a team's own, as written), `except` and `kinds`. Raises GuardError."""
    marks = [clean(text).text.strip() for text in parameters.texts("marks")]
    return PlaceholderMatcher(
        frozenset(parameters.choices("kinds", (_FORM, _NOTE, _SLIP, _DAY), (_FORM,))),
        tuple(mark.lower() for mark in marks),
        RuleSet([_mark_rule(mark) for mark in marks]),
        excepted_expressions(parameters),
    )


def _mark_rule(mark: str) -> Rule:
    """A rule for a mark as written; case matters only if it has capitals."""
    pattern = re2.escape(mark)
    return Rule(pattern if mark != mark.lower() else f"(?i:{pattern})", _is_whole)


def _is_whole(site: Site) -> bool:
    """Whether the mark is not part of a longer word."""
    found = site.found
    return not (found[0].isalnum() and site.before[-1:].isalnum()) and not (
        found[-1].isalnum() and site.after[:1].isalnum()
    )
