"""Completions for text being typed: organizations, terms of the taxonomy, titles."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.language import languages_for
from kb.domain.organization import organization_key, without_legal_form
from kb.domain.permissions import Action, Actor, audiences_for
from kb.models import Term, db
from kb.search.engine import ResultPage
from kb.search.folding import plain_spellings
from kb.search.query import Group, SearchQuery
from kb.search.words import words
from kb.services.core.authorization import require
from kb.services.infrastructure.runtime import engine
from kb.services.search.hit_content import summary_for
from kb.services.search.visible_hits import find_visible
from kb.services.taxonomy.listing import label
from kb.services.taxonomy.organizations import current_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_WORDS = 8

Spellings = tuple[str, ...]
"""The spellings of a word that compare equal."""

_EMPTY = {"query": None, "incident": None, "namespace": None, "key": None}


def suggest(actor: Actor, text: str, languages: Sequence[str], *, limit: int) -> dict[str, Any]:
    """Return completions that have every word of the text, the last one as a prefix.

    Organizations come first, then terms, then titles, at most `limit` of each.
    """
    require(actor, Action.READ)
    prefix = words(text)[:_MAX_WORDS]
    languages = languages_for(languages, text)
    # More than `limit`, since one organization may have many of the titles.
    query = SearchQuery(root=Group(), audiences=audiences_for(actor), limit=limit * 5)

    def ask() -> ResultPage:
        if not prefix:
            return ResultPage.empty(engine().position())
        return engine().suggest(prefix, query)

    summaries = [summary_for(hit.content, languages) for hit in find_visible(actor, ask).hits]
    typed = [plain_spellings(word) for word in prefix]
    items = [
        *_organizations(typed, summaries)[:limit],
        *_terms(typed, languages)[:limit],
        *_titles(summaries)[:limit],
    ]
    return {"query": text, "items": [{**_EMPTY, **item} for item in items]}


def _organizations(typed: Sequence[Spellings], summaries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One name of each organization: the first one found that the words complete."""
    found = dict.fromkeys(summary["organization"] for summary in summaries)
    names = {name: organization_key(name) for name in found if _completes(typed, name)}
    current = current_keys(names.values())
    first: dict[str, str] = {}
    for name, key in names.items():
        first.setdefault(current[key], name)
    return [
        {"kind": "organization", "text": name, "query": f'org:"{without_legal_form(name)}"'}
        for name in first.values()
    ]


def _terms(typed: Sequence[Spellings], languages: Sequence[str]) -> list[dict[str, Any]]:
    if not typed:
        return []
    statement = select(Term).where(Term.retired.is_(False)).order_by(Term.namespace, Term.position)
    return [
        {
            "kind": "term",
            "text": label(term.labels, languages),
            "query": f"{term.namespace}:{term.key}",
            "namespace": term.namespace,
            "key": term.key,
        }
        for term in db.session.scalars(statement)
        if any(_completes(typed, name) for name in (term.key, *term.labels.values(), *term.aliases))
    ]


def _titles(summaries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"kind": "title", "text": summary["title"], "incident": summary["id"]} for summary in summaries]


def _completes(typed: Sequence[Spellings], name: str) -> bool:
    """Whether a name has all typed words, the last one as a prefix of a word or of the whole."""
    present = [plain_spellings(word) for word in words(name)]
    *whole, last = typed
    joined = "".join(spellings[0] for spellings in present)
    if not all(any(set(word) & set(other) for other in present) for word in whole):
        return False
    return any(
        spelling.startswith(beginning)
        for beginning in last
        for spelling in (joined, *chain.from_iterable(present))
    )
