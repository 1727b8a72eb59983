"""The pages that are measured, each with the requests to the API that show the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from bench import corpus
from bench.check.texts import articles, tweets
from kb.domain.taxonomy import NAMESPACES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bench.pages.visitor import Visitor

ARTICLE_WORDS = 2000

_SIZED = 10
"""Of how many searches and drafts the largest page counts."""

_HIT = "facets=category,platform,industry,theme,failure_mode,language&highlight=first&limit=10"
"""What the page of results asks for beside the query."""

_FILTERS = "category=tone-deaf&platform=twitter&severity_min=3"
_NO_HITS = "from=1950&to=1951"

_CHOICES = tuple(f"/taxonomy/{name}" for name in ("category", "platform", "industry", "theme"))
"""What the form of trends offers."""

_CATEGORY = "category=tone-deaf"
_MEASURES = ("severity_mean", "minutes_to_remove_median", "minutes_to_acknowledge_median")


@dataclass(frozen=True)
class Places:
    """What there is to open: ids of incidents and of the receipt of a long draft, the key of a guard."""

    long_incident: int
    changed_incident: int
    receipt: int
    guard: str


class Case(NamedTuple):
    """A page: its requests, the first of them for answers that are not compressed, and by name the requests
    to the API that show what it shows, as many of each."""

    name: str
    pages: Sequence[bytes]
    plain: Sequence[bytes]
    calls: Mapping[str, Sequence[bytes]]


def make_cases(number: int, reader: Visitor, member: Visitor, places: Places) -> Iterator[Case]:
    """All pages with a number of requests each: those that everybody may see, then those of members.

    Queries and drafts differ from request to request, and are the same for a page and its calls.
    """
    for name, (path, calls) in _reader_pages(places).items():
        yield _same(number, reader, name, path, calls)
    for name, queries in _searches(number).items():
        yield _search(reader, name, queries)
    yield _checks(reader, "result of a check", tweets(number, seed=32))
    yield _checks(reader, f"result, {ARTICLE_WORDS:,} words", articles(number, ARTICLE_WORDS, seed=33))
    for name, (path, calls) in _member_pages(places).items():
        yield _same(number, member, name, path, calls)
    yield _checks(member, "result with a receipt", tweets(number, seed=34))


def _reader_pages(places: Places) -> dict[str, tuple[str, Iterable[str]]]:
    """By name, the addresses of pages with those of their calls."""
    incident, guard = places.long_incident, places.guard
    namespaces = [f"/taxonomy/{namespace}" for namespace in NAMESPACES]
    latest = "/incidents?status=published&limit"
    return {
        "front": ("/", [f"{latest}=4", "/taxonomy/category", "/trends?interval=year"]),
        "incident": (
            f"/incidents/{incident}",
            [f"/incidents/{incident}", f"/incidents/{incident}/similar?limit=4"],
        ),
        "list of incidents": ("/incidents", [f"{latest}=20"]),
        "topics": ("/topics", ["/taxonomy", *namespaces]),
        "topic": ("/topics/theme", ["/taxonomy/theme"]),
        "trends": ("/trends", [*_trend("group_by=category"), *_CHOICES]),
        "trends, without groups": ("/trends?group_by=", [*_trend(""), *_CHOICES]),
        "trends, table by month": (
            "/trends?view=table&interval=month&group_by=platform",
            [*_trend("group_by=platform", "month"), *_CHOICES],
        ),
        "trends, a duration": (
            f"/trends?metric={_MEASURES[1]}",
            [*_trend(f"metric={_MEASURES[1]}&group_by=category"), *_CHOICES],
        ),
        "categories": (
            "/categories",
            [
                "/taxonomy/category",
                *(
                    f"/trends?metric={metric}&group_by=category&top=100&other=false"
                    for metric in ("count", *_MEASURES)
                ),
            ],
        ),
        "category": (
            "/categories/tone-deaf",
            [
                "/taxonomy/category",
                f"{latest}=10&{_CATEGORY}",
                f"/trends?interval=year&{_CATEGORY}",
                *(
                    f"/trends?group_by={name}&{_CATEGORY}"
                    for name in ("response", "failure_mode", "severity")
                ),
                *(f"/trends?group_by=response&metric={metric}&{_CATEGORY}" for metric in _MEASURES[1:]),
                *(f"/trends?metric={metric}&{_CATEGORY}" for metric in _MEASURES),
            ],
        ),
        "calendar": ("/calendar?month=2027-05&country=US", ["/calendar?from=2027-05&to=2027-05&country=US"]),
        "form of a check": ("/check", ["/taxonomy/platform"]),
        "guards": ("/guards", ["/guards"]),
        "guard": (f"/guards/{guard}", ["/guards"]),
    }


def _trend(query: str, interval: str = "year") -> Iterator[str]:
    """The calls of a page of trends: by time, and for the whole period."""
    for bucket in (interval, "none"):
        yield f"/trends?interval={bucket}&top=8&{query}"


def _member_pages(places: Places) -> dict[str, tuple[str, Iterable[str]]]:
    changed, receipt = f"/incidents/{places.changed_incident}", f"/checks/{places.receipt}"
    return {
        "history": (f"{changed}/history", [f"{changed}/revisions?limit=30", changed]),
        "receipt": (receipt, [receipt]),
        "checks": ("/checks", ["/checks", "/checks/trends?interval=none"]),
    }


def _searches(number: int) -> dict[str, list[str]]:
    """By name, query strings."""
    queries = [urlencode({"q": query}) for query in corpus.queries(number, seed=31)]
    return {
        "search": queries,
        "search with filters": [f"{query}&{_FILTERS}" for query in queries],
        "search without a hit": [f"{query}&{_NO_HITS}" for query in queries],
        "search without a word": [f"offset={10 * page}" for page in range(number)],
    }


def _same(number: int, visitor: Visitor, name: str, path: str, calls: Iterable[str]) -> Case:
    """The case of a page that is the same each time."""
    return Case(
        name,
        [visitor.page(path)] * number,
        [visitor.page(path, codings="identity")],
        {f"GET {call}": [visitor.call("GET", call)] * number for call in calls},
    )


def _search(visitor: Visitor, name: str, queries: Sequence[str]) -> Case:
    """The case of the page of results, for several query strings."""
    paths = [f"/search?{query}" for query in queries]
    calls = {"GET /search": [visitor.call("GET", f"{path}&{_HIT}") for path in paths]}
    plain = [visitor.page(path, codings="identity") for path in paths[:_SIZED]]
    return Case(name, [*map(visitor.page, paths)], plain, calls)


def _checks(visitor: Visitor, name: str, drafts: Sequence[dict[str, Any]]) -> Case:
    """The case of the page that answers a form with a draft."""
    forms = [_form_fields(draft) for draft in drafts]
    return Case(
        name,
        [visitor.form("/check", form) for form in forms],
        [visitor.form("/check", form, codings="identity") for form in forms[:_SIZED]],
        {"POST /checks": [visitor.call("POST", "/checks", draft) for draft in drafts]},
    )


def _form_fields(draft: Mapping[str, Any]) -> dict[str, str]:
    """A draft as the form has it."""
    return {
        "text": draft["text"],
        "platform": draft["platform"],
        "countries": ", ".join(draft["audience_countries"]),
        "when": draft["scheduled_at"].removesuffix(":00Z"),
        "zone": "UTC",
    }
