"""Requests to the public for its own content: photos, stories, questions or names.

The forms of such requests are data; `seeds/invitations.yaml` documents them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.config import seeds_dir
from kb.guards.patterns.pattern_set import PatternSet, compile_shipped
from kb.yaml_text import read_shipped_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kb.guards.clean_text import CleanText, Span

_REACH = 400
"""How far around a request to look for its sentence, a tag and a prize, in characters."""

_MAX_CANDIDATES = 200
"""Maximum number of candidate requests examined: a text with more is not a post."""

_TAG = re.compile(r"[#＃@＠](?:(?<=[#＃])(?<![\w&/.].)\w*[^\W\d_]|(?<=[@＠])(?<![\w.].)\w)")
"""Begins with a class of characters, so the search skips all other positions quickly."""

_TABLE = re.compile(r"<(\w+)>")
_GAP = re.compile(r"~(\d+)")
_SENTENCE_END = re.compile(" [.!?…]+ (?![א-ת] )")  # but not in an imperative for both genders: שלחו.י


class Request(NamedTuple):
    """A request to the public for its own content, and the number of its sentence.

    `is_public` if every answer becomes public, as in a naming contest. `has_tag` if a hashtag or a handle is
    near it, `has_prize` if something to win or the promise of being featured is.
    """

    span: Span
    sentence: int
    is_public: bool
    has_tag: bool
    has_prize: bool


_QUESTION_WORDS = frozenset({"ask", "שאלו", "תשאלו", "שאל"})

_MIN_TAG_WORDS = 2


def asks(tag: Sequence[str]) -> bool:
    """Whether a hashtag, given its words, calls for questions: `#AskAcme`."""
    return len(tag) >= _MIN_TAG_WORDS and tag[0].lower() in _QUESTION_WORDS


def question_tag(span: Span, sentence: int) -> Request:
    """The request made by a hashtag that `asks`."""
    return Request(span, sentence, is_public=False, has_tag=True, has_prize=False)


class InvitationForms:
    """The forms of requests in all languages. Immutable: threads share it."""

    def __init__(self, content: Mapping[str, Mapping[str, Any]]) -> None:
        """Compile the forms, by language as in the file."""
        public = _expanded(content, "public_forms")
        patterns = [_framed(form) for form in (*public, *_expanded(content, "forms"))]
        self._public_count = len(public)
        self._set = PatternSet(patterns, ignore_case=False, name="invitations")
        self._lookalikes = compile_shipped(_any_of(_expanded(content, "lookalikes")))
        self._before = compile_shipped(_any_of(_expanded(content, "before")) + "$")
        self._recipients = compile_shipped(_any_of(_expanded(content, "recipients")))
        self._service = compile_shipped(_any_of(_expanded(content, "service")))
        self._prizes = compile_shipped(_any_of(_expanded(content, "prizes")))
        self._tags = compile_shipped(_any_of(_expanded(content, "tags")))
        self._past_forms = compile_shipped(_any_of(_expanded(content, "past_forms")))
        self._address = compile_shipped(_any_of(_expanded(content, "address")))
        self._reports = compile_shipped(_any_of(_expanded(content, "reports")))
        self._openings = frozenset(_expanded(content, "openings"))
        self._small_talk = compile_shipped(_any_of(_expanded(content, "small_talk")))
        self._experts = compile_shipped(_any_of(_expanded(content, "experts")))
        self._pointed = compile_shipped(_any_of(_expanded(content, "pointed")))

    def requests(self, clean: CleanText) -> Iterator[Request]:
        """The requests in a draft's text, in order; they may overlap."""
        text = clean.spaced
        candidates = sorted(self._candidates(text.text))[:_MAX_CANDIDATES]
        if not candidates:
            return
        ends = [end.start() + 1 for end in _SENTENCE_END.finditer(text.text)]
        tags = [clean.offsets[tag.start()] for tag in _TAG.finditer(clean.text)]
        for start, end, is_public in candidates:
            candidate = _Candidate(text.text, start, end, ends)
            if self._is_request(candidate):
                span = text.span(start, end)
                has_tag = _is_near(tags, span) or self._tags.search(candidate.around) is not None
                has_prize = self._prizes.search(candidate.around) is not None
                yield Request(span, bisect_right(ends, start), is_public, has_tag, has_prize)

    def small_talk(self, clean: CleanText) -> list[Span]:
        """Narrow questions to be answered in the comments, and answers of experts; none beside a tag."""
        text = clean.spaced
        if _TAG.search(clean.text):
            return []
        found = [text.span(*match.span()) for match in self._experts.finditer(text.text)]
        for match in self._small_talk.finditer(text.text):
            start, end = match.span()
            around = f"{text.text[max(0, start - _REACH) : start + 1]} {text.text[end - 1 : end + _REACH]}"
            if not self._pointed.search(match.group()) and not self._prizes.search(around):
                found.append(text.span(start + 1, end - 1))
        return found

    def _candidates(self, text: str) -> Iterator[tuple[int, int, bool]]:
        for number in self._set.matches(text):
            for match in islice(self._set.compiled(number, text).finditer(text), _MAX_CANDIDATES):
                yield (*match.span(match.lastindex or 0), number < self._public_count)

    def _is_request(self, candidate: _Candidate) -> bool:
        """Whether a candidate is really a request to the public, judging by its context."""
        return not (
            self._lookalikes.match(candidate.text[candidate.start - 1 : candidate.end + _REACH])
            or self._before.search(candidate.before)
            or self._recipients.match(candidate.text[candidate.end : candidate.end + _REACH])
            or self._service.search(candidate.sentence)
            or (self._is_told(candidate) and not self._address.search(candidate.sentence))
        )

    def _is_told(self, candidate: _Candidate) -> bool:
        """Whether a Hebrew verb reports what others did, because its subject precedes it."""
        if candidate.text[candidate.start] == "ו":
            return self._reports.search(candidate.before) is not None
        if self._past_forms.match(candidate.text[candidate.start - 1 : candidate.end + 1]) is None:
            return False
        words = candidate.before.split()
        return bool(words) and words[-1][-1].isalpha() and words[-1] not in self._openings


class _Candidate:
    """A part of a text, with its sentence and surroundings."""

    def __init__(self, text: str, start: int, end: int, sentence_ends: list[int]) -> None:
        self.text = text
        self.start = start
        self.end = end
        first = bisect_right(sentence_ends, start)
        last = bisect_left(sentence_ends, end)
        begin = max(sentence_ends[first - 1] if first else 0, start - _REACH)
        finish = min(sentence_ends[last] if last < len(sentence_ends) else len(text), end + _REACH)
        self.before = text[begin:start]
        self.sentence = text[begin:finish]
        self.around = text[max(0, start - _REACH) : end + _REACH]


def _is_near(offsets: list[int], span: Span) -> bool:
    """Whether one of the sorted offsets is within _REACH of a span."""
    first = bisect_left(offsets, span.start - _REACH)
    return first < len(offsets) and offsets[first] <= span.end + _REACH


def _expanded(content: Mapping[str, Mapping[str, Any]], name: str) -> list[str]:
    """The patterns of a list in all languages, with their tables expanded."""
    return [
        _with_tables(pattern, rows["tables"]) for rows in content.values() for pattern in rows.get(name, ())
    ]


def _with_tables(pattern: str, tables: Mapping[str, list[str]]) -> str:
    while _TABLE.search(pattern):
        pattern = _TABLE.sub(lambda name: f"(?:{'|'.join(tables[name.group(1)])})", pattern)
    return _GAP.sub(r"(?:[^ .!?…#＃]+ ){0,\1}", pattern)


def _framed(form: str) -> str:
    """A pattern for the alternatives of a form, each between spaces; its only group is the request."""
    return "|".join(map(_framed_alternative, form.split(" || ")))


def _framed_alternative(form: str) -> str:
    rest, _, follow = form.partition(" > ")
    before, _, request = rest.rpartition(" < ")
    return f"{f'(?:{before})' if before else ''} ({request}) {f'(?:{follow})' if follow else ''}"


def _any_of(patterns: Iterable[str]) -> str:
    return f" (?:{'|'.join(patterns)}) "


@lru_cache(maxsize=1)
def invitation_forms() -> InvitationForms:
    """The shipped forms."""
    return InvitationForms(read_shipped_yaml(seeds_dir() / "invitations.yaml"))
