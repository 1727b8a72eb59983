"""What somebody may be about to type: titles, organizations, terms of the taxonomy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from kb.domain.language import script_language
from kb.domain.permissions import Action, Actor, audiences_for
from kb.models import Term, db
from kb.search.analysis import normalize, words
from kb.search.engine import ResultPage
from kb.search.query import Group, SearchQuery
from kb.services.core.authorization import require
from kb.services.infrastructure.runtime import engine
from kb.services.search.hit_content import stored_summary
from kb.services.search.visible_hits import find
from kb.services.taxonomy.listing import label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MAX_WORDS = 8


def suggest(actor: Actor, text: str, wanted: Sequence[str], *, limit: int) -> dict[str, Any]:
    """Completions of what was typed: every word is in them, the last one as a beginning.

    Organizations come first, then terms, then titles, at most `limit` of each.
    """
    require(actor, Action.READ)
    typed = words(text)[:_MAX_WORDS]
    languages = list(wanted) or [tag for tag in [script_language(text)] if tag]
    query = SearchQuery(root=Group(), audiences=audiences_for(actor), limit=limit * 5)

    def ask() -> ResultPage:
        if not typed:
            return ResultPage(position=engine().position(), total=0, hits=())
        return engine().suggest(typed, query)

    found = find(actor, ask)
    summaries = [stored_summary(shown.incident, languages) for shown in found.shown]
    organizations = dict.fromkeys(
        summary["organization"] for summary in summaries if _completes(typed, [summary["organization"]])
    )
    items = [{"kind": "organization", "text": name, "query": f'org:"{name}"'} for name in organizations][
        :limit
    ]
    items += _terms(typed, languages)[:limit]
    items += [
        {"kind": "title", "text": summary["title"], "incident": summary["id"]}
        for summary in summaries[:limit]
    ]
    return {"query": text, "items": [{**_NOTHING, **item} for item in items]}


_NOTHING = {"query": None, "incident": None, "namespace": None, "key": None}


def _terms(typed: Sequence[str], languages: Sequence[str]) -> list[dict[str, Any]]:
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
        if any(_completes(typed, [name]) for name in (term.key, *term.labels.values(), *term.aliases))
    ]


def _completes(typed: Sequence[str], names: Iterable[str]) -> bool:
    """Whether all typed words are in a name, the last one as the beginning of a word."""
    there = [normalize(word) for name in names for word in words(name)]
    *whole, last = map(normalize, typed)
    return all(word in there for word in whole) and any(word.startswith(last) for word in there)
