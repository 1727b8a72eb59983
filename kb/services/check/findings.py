"""Present the findings of guards as a check reports them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kb.domain.language import choose_language
from kb.services.check.folding import fold
from kb.services.check.lesson_context import lesson_contexts
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.domain.permissions import Actor
    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.matcher import Match
    from kb.guards.ruleset import Finding
    from kb.search.engine import Position

_MARKED_WORDS = re.compile('[“״"]{words}[”״"]')
"""Quotation marks that a team's message puts around words that already have their own."""

_NAMES = re.compile(r"\{\w+\}")

_MAX_QUOTE = 80
"""How many characters of the found text a message quotes."""


def present_findings(
    actor: Actor,
    findings: Sequence[Finding],
    draft: AnalyzedDraft,
    languages: Sequence[str],
    position: Position | None = None,
) -> list[dict[str, Any]]:
    """Present findings with messages in the reader's languages, and the lesson and incident of each guard.

    Lessons and incidents are as of a position, or as of now.
    """
    contexts = lesson_contexts(actor, {finding.guard.key for finding in findings}, languages, position)
    return [
        {
            "guard": finding.guard.key,
            "severity": finding.guard.severity,
            "message": _fill(finding.guard.message, finding.match, draft, languages),
            "span": present_span(finding.match, draft),
            "suggestion": _fill(finding.guard.suggestion, finding.match, draft, languages) or None,
            "folded_into": folded_into,
            **contexts.get(finding.guard.key, {"lesson": None, "incident": None}),
        }
        for finding, folded_into in zip(findings, fold(findings), strict=True)
    ]


def present_span(match: Match, draft: AnalyzedDraft) -> dict[str, Any] | None:
    """The span of a match, with its text; None if the match concerns the draft as a whole."""
    if match.span is None:
        return None
    return {"start": match.span.start, "end": match.span.end, "text": draft.text_at(match.span)}


def _fill(texts: Mapping[str, str], match: Match, draft: AnalyzedDraft, languages: Sequence[str]) -> str:
    """Fill the names in braces into a guard's text in the reader's language."""
    if not texts:
        return ""
    language = choose_language(languages, list(texts), next(iter(texts)))
    text = _MARKED_WORDS.sub("{words}", texts[language])
    quote = "" if match.span is None else draft.text_at(match.span)
    values = {"text": quote if len(quote) <= _MAX_QUOTE else f"{quote[:_MAX_QUOTE]}…"}
    values |= {name: _value(by_language, language) for name, by_language in match.values.items()}
    # In one pass: the quoted draft may have names in braces, too.
    return _NAMES.sub(lambda name: values.get(name[0][1:-1], name[0]), text)


def may_fill(template: str, text: str) -> bool:
    """Whether `present_findings` may have made a text from this template."""
    for form in (template, _MARKED_WORDS.sub("{words}", template)):
        pattern = ".*".join(re.escape(part) for part in _NAMES.split(form))
        if re.fullmatch(pattern, text, re.DOTALL):
            return True
    return False


def _value(by_language: Mapping[str, str], language: str) -> str:
    """A value of a match in a language; the key `""` holds a value for all languages."""
    return by_language[""] if "" in by_language else label(by_language, [language])
