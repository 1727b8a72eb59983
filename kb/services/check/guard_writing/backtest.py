"""Backtests of guards: their findings in past incidents, in harmless posts, and in a team's drafts."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import load_only, selectinload

from kb.caches import LruCache
from kb.domain.dates import DatePrecision
from kb.domain.draft import Draft
from kb.domain.incident import Status
from kb.domain.language import choose_language
from kb.domain.permissions import Action
from kb.errors import FieldError, InvalidInput
from kb.guards.analysis import AnalyzedDraft
from kb.guards.corpus import harmless_drafts
from kb.guards.definition import to_guard
from kb.guards.errors import GuardError
from kb.guards.examples import failed_examples
from kb.guards.ruleset import CompiledGuard, compile_guard
from kb.guards.types import check_names
from kb.messages import Message, message_of
from kb.models import Check, Incident, IncidentTerm, IncidentText, Term, db
from kb.services.check.receipts.rows import draft_of
from kb.services.core.authorization import require, visible_to
from kb.services.core.check_access import checks_visible_to
from kb.services.incidents.content.passed_check import passed_check
from kb.services.infrastructure.runtime import concepts
from kb.services.taxonomy.lookup import TermLookup
from kb.services.taxonomy.named_terms import with_guard_term_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from kb.domain.guard import Guard
    from kb.domain.permissions import Actor
    from kb.guards.clean_text import Span
    from kb.guards.matcher import Match

MAX_TEXTS = 20
"""How many texts with a finding are listed."""

MAX_INCIDENTS = 100
"""How many incidents are listed."""

MAX_POSTS = 500
"""How many incidents and how many kept drafts are tested: the latest of each."""

MAX_CHARACTERS = 200_000
"""The total length of the incidents, and of the drafts, to bound the time of a backtest."""

_BATCH = 100

_POST_OPTIONS = (
    load_only(
        Incident.id,
        Incident.team_id,
        Incident.language,
        Incident.organization,
        Incident.occurred_on,
        Incident.occurred_precision,
        Incident.passed_check_id,
    ),
    selectinload(Incident.texts).load_only(IncidentText.language, IncidentText.title, IncidentText.summary),
    selectinload(Incident.term_links).joinedload(IncidentTerm.term).load_only(Term.namespace, Term.key),
)
"""Load only what the post of an incident is made from."""


_harmless_finds: LruCache[Sequence[int]] = LruCache(200_000)
"""The harmless posts in which a guard finds something, by the digests of the concepts and of the guard."""


_MIN_LETTERS, _MAX_AROUND = 3, 40
"""The letters with which a passage is shown alone, and the characters on each side of a shorter one."""


class _Post(NamedTuple):
    """A draft to test guards on, and its incident, or its position among the harmless posts."""

    draft: Draft
    incident: dict[str, Any] | None = None
    position: int = 0


def guards_to_test(rows: Sequence[Mapping[str, Any]]) -> list[Guard]:
    """The guards of a request, with the keys of the terms that they name. Raises InvalidInput."""
    terms = TermLookup(attached=False)
    guards = [
        to_guard(row["key"], with_guard_term_keys(row, terms, f"/guards/{number}"))
        for number, row in enumerate(rows)
    ]
    if terms.errors:
        raise InvalidInput(terms.errors)
    return guards


def backtest(actor: Actor, guards: Sequence[Guard], languages: Sequence[str]) -> list[dict[str, Any]]:
    """Return what each guard finds in its own examples, in the latest published incidents that the actor may
    see, in the harmless posts (each a false alarm), and in the latest kept drafts of checks that the actor
    may see.

    An incident is tested by its post if it names a check whose text was kept; else by its title and summary,
    in each language. Its platform, organization, industry and day are taken into account. Counts cover all
    findings, texts only the first ones; titles are in the reader's languages. Raises InvalidInput for an
    invalid guard.
    """
    steps = backtest_in_steps(actor, guards, languages)
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            results: list[dict[str, Any]] = ended.value
            return results


def backtest_in_steps(
    actor: Actor, guards: Sequence[Guard], languages: Sequence[str]
) -> Generator[None, None, list[dict[str, Any]]]:
    """A `backtest` in steps, one for each post or guard, since the whole may take half a second.

    Raises InvalidInput before it returns the first step; the steps read nothing from the database.
    """
    require(actor, Action.READ_CHECKS)
    compiled = compile_guards(guards)
    incidents, drafts = [*_latest(_incident_posts(actor, languages))], [*_latest(_kept_posts(actor))]
    return _results(compiled, incidents, drafts)


def _results(
    compiled: Sequence[CompiledGuard], incident_posts: Sequence[_Post], kept_posts: Sequence[_Post]
) -> Generator[None, None, list[dict[str, Any]]]:
    incidents = yield from _counted(compiled, incident_posts, CompiledGuard.matches)
    drafts = yield from _counted(compiled, kept_posts, CompiledGuard.matches)
    harmless = yield from _in_harmless_posts(compiled)
    results = []
    for number, each in enumerate(compiled):
        results.append(
            {
                "guard": each.guard.key,
                "examples": _examples(each),
                "incidents": incidents.of_incidents(number),
                "harmless": harmless.of_drafts(number),
                "drafts": drafts.of_drafts(number),
            }
        )
        yield
    return results


def compile_guards(guards: Iterable[Guard]) -> list[CompiledGuard]:
    """Compile guards, inactive ones too. Raises InvalidInput for invalid ones."""
    compiled, errors = [], []
    for number, guard in enumerate(guards):
        try:
            check_names(guard)
            compiled.append(compile_guard(guard, concepts()))
        except GuardError as error:
            errors.append(
                FieldError(
                    f"/guards/{number}{error.pointer}",
                    Message(
                        "{key}, {pointer}: {error}",
                        key=guard.key,
                        pointer=error.pointer,
                        error=message_of(error),
                    ),
                )
            )
    if errors:
        raise InvalidInput(errors)
    return compiled


class _Counts(NamedTuple):
    """The number of posts, and by the number of a guard, the posts with a finding, each with its text."""

    total: int
    found: dict[int, list[tuple[_Post, str]]]

    def of_incidents(self, guard: int) -> dict[str, Any]:
        found = ((post.incident, text) for post, text in self.found[guard])
        by_id = {incident["id"]: (incident, text) for incident, text in found if incident is not None}
        return {
            "total": self.total,
            "count": len(by_id),
            "found": [{**incident, "text": text} for incident, text in islice(by_id.values(), MAX_INCIDENTS)],
        }

    def of_drafts(self, guard: int) -> dict[str, Any]:
        found = self.found[guard]
        return {
            "total": self.total,
            "count": len(found),
            "share": round(len(found) / self.total, 4) if self.total else 0.0,
            "texts": [post.draft.text for post, _ in found[:MAX_TEXTS]],
        }


def _counted(
    compiled: Sequence[CompiledGuard],
    posts: Iterable[_Post],
    matches: Callable[[CompiledGuard, AnalyzedDraft], Iterator[Match]],
) -> Generator[None, None, _Counts]:
    """Count what guards find in posts by `matches`, one post per step: each is analyzed once."""
    found: defaultdict[int, list[tuple[_Post, str]]] = defaultdict(list)
    seen: set[object] = set()
    table = concepts()
    for post in posts:
        seen.add(len(seen) if post.incident is None else post.incident["id"])
        draft = AnalyzedDraft(post.draft, table)
        for number, guard in enumerate(compiled):
            if (match := next(matches(guard, draft), None)) is not None:
                found[number].append((post, "" if match.span is None else _passage(draft, match.span)))
        yield
    return _Counts(len(seen), found)


def _passage(draft: AnalyzedDraft, span: Span) -> str:
    """The text that was found, with the words around it if it is too short to be shown alone."""
    found = draft.text_at(span)
    if sum(map(str.isalpha, found)) >= _MIN_LETTERS:
        return found
    text = draft.draft.text
    before = text[max(0, span.start - _MAX_AROUND) : span.start]
    after = text[span.end : span.end + _MAX_AROUND]
    if span.start > _MAX_AROUND:
        before = before.partition(" ")[2]
    if len(text) > span.end + _MAX_AROUND:
        after = after.rpartition(" ")[0]
    return (before.rpartition("\n")[2] + found + after.partition("\n")[0]).strip()


def _in_harmless_posts(compiled: Sequence[CompiledGuard]) -> Generator[None, None, _Counts]:
    """What guards find in the harmless posts, which count as posted in every country and on every platform.

    The result is cached by guard, since the posts change only with a new version of the service.
    """
    drafts, digest = harmless_drafts(), concepts().digest
    keys = [(digest, sha256(each.data).digest()) for each in compiled]
    positions = [*_harmless_finds.get_each(keys)]
    new = [number for number, known in enumerate(positions) if known is None]
    if new:
        posts = (_Post(draft, position=position) for position, draft in enumerate(drafts))
        counts = yield from _counted([compiled[number] for number in new], posts, _matches_everywhere)
        for index, number in enumerate(new):
            found_in = [post.position for post, _ in counts.found[index]]
            _harmless_finds.put(keys[number], found_in, 8 * len(found_in))
            positions[number] = found_in
    found = {
        number: [(_Post(drafts[position]), "") for position in known or ()]
        for number, known in enumerate(positions)
    }
    return _Counts(len(drafts), found)


def _matches_everywhere(compiled: CompiledGuard, draft: AnalyzedDraft) -> Iterator[Match]:
    """What a guard finds, whatever countries, platforms and accounts it is limited to."""
    return compiled.matcher.matches(draft)


def _examples(compiled: CompiledGuard) -> dict[str, Any]:
    return {
        "count": len(compiled.guard.bad) + len(compiled.guard.good),
        "failed": [
            {"pointer": failed.pointer, "text": failed.draft.text, "detail": failed.message}
            for failed in failed_examples(compiled, concepts())
        ],
    }


def _latest(posts: Iterable[_Post]) -> Iterator[_Post]:
    """Yield posts, given latest first, up to MAX_POSTS and MAX_CHARACTERS."""
    characters = 0
    for post in islice(posts, MAX_POSTS):
        characters += len(post.draft.text)
        if characters > MAX_CHARACTERS:
            return
        yield post


def _incident_posts(actor: Actor, languages: Sequence[str]) -> Iterator[_Post]:
    """Yield the posts of published incidents that an actor may see, with titles in the reader's languages."""
    statement = (
        select(Incident)
        .where(visible_to(actor), Incident.status == Status.PUBLISHED)
        .options(*_POST_OPTIONS)
        .order_by(Incident.id.desc())
        .limit(MAX_POSTS)
        .execution_options(yield_per=_BATCH)
    )
    for incident in db.session.scalars(statement):
        shown = choose_language(languages, incident.languages, incident.language)
        name = {
            "id": incident.id,
            "title": incident.texts[shown].title,
            "language": shown,
            "organization": incident.organization,
        }
        check = passed_check(actor, incident)
        if check is not None and check.text is not None:
            yield _Post(_kept_draft(check, check.text), name)
            continue
        for text in incident.texts.values():
            yield _Post(_as_draft(incident, f"{text.title}\n{text.summary}", text.language), name)


def _as_draft(incident: Incident, text: str, language: str) -> Draft:
    is_dated = incident.occurred_precision is DatePrecision.DAY and incident.occurred_on is not None
    return Draft(
        text=text,
        language=language,
        platform=next(iter(incident.terms("platform")), None),
        organization=incident.organization,
        industry=next(iter(incident.terms("industry")), None),
        scheduled_at=datetime.combine(incident.occurred_on, time(12), UTC) if is_dated else None,
    )


def _kept_posts(actor: Actor) -> Iterator[_Post]:
    """Yield the latest drafts whose text was kept, of the checks that an actor may see."""
    statement = (
        select(Check)
        .where(checks_visible_to(actor), Check.text.is_not(None))
        .order_by(Check.id.desc())
        .limit(MAX_POSTS)
    )
    for check in db.session.scalars(statement.execution_options(yield_per=_BATCH)):
        if check.text is not None:
            yield _Post(_kept_draft(check, check.text))


def _kept_draft(check: Check, text: str) -> Draft:
    return draft_of(check, text, tuple(check.draft.get("links", ())))
