"""Collections that are dear to try and to add: of many incidents, of large ones, of guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from bench.worst import nasty
from bench.worst.cases import guard, guards, writes
from bench.worst.large import encoded, large_incident
from bench.worst.site import Call
from kb.config import API_ROOT, seeds_dir
from kb.domain.collection import HEAD_FILE, MAX_INCIDENTS
from kb.domain.guard import MAX_EXAMPLES
from kb.domain.incident import MAX_LESSONS
from kb.services.exchange.collections.reading import incident_files

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from bench.worst.cases import Calls

HEAD: dict[str, Any] = {"version": "1", "license": "CC0", "contact": "a@example.com", "title": {"en": "Ours"}}

_LARGE = 15
"""How many incidents of the largest size fit into a collection."""


def puts(key: str, rng: random.Random) -> Calls:
    """A collection as a body: tried, added, sent again, and changed."""
    dry = f"/collections/{key}?dry_run=true"
    yield from writes("PUT", dry, rng, {"incidents": []})
    for label, incidents in collections(rng):
        body = encoded({**HEAD, "incidents": incidents})
        yield Call(f"{label}, tried", "PUT", f"{API_ROOT}{dry}", body)
    path = f"{API_ROOT}/collections/{key}"
    few = small_incidents(300)
    changed = [{**each, "severity": 4} for each in few]
    for label, incidents in (("added", few), ("again", few), ("changed", changed), ("fewer", few[:1])):
        yield Call(f"300 incidents, {label}", "PUT", path, encoded({**HEAD, "incidents": incidents}))
    many = encoded({**HEAD, "incidents": small_incidents(MAX_INCIDENTS)})
    yield Call(f"{MAX_INCIDENTS:,} incidents, added", "PUT", f"{path}-{rng.randrange(10**9)}", many)


def collections(rng: random.Random) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The incidents of collections, each below the greatest length of a body."""
    yield f"{MAX_INCIDENTS:,} incidents", small_incidents(MAX_INCIDENTS)
    large = {
        name: value for name, value in large_incident(rng).items() if name not in ("status", "acknowledge")
    }
    yield "the largest incidents", [{**large, "slug": f"large-{number}"} for number in range(_LARGE)]
    examples = [{"text": nasty.prose(rng, 900)} for _ in range(MAX_EXAMPLES)]
    tried = guard(examples={"bad": [{"text": "Dirt cheap boots"}], "good": examples})
    yield "guards with examples", _with_guards([tried] * MAX_LESSONS)
    for label, body in guards(rng):
        each = [{name: value for name, value in row.items() if name != "key"} for row in body["guards"]]
        yield f"guards: {label}", _with_guards(each[:MAX_LESSONS])


def small_incidents(number: int) -> list[dict[str, Any]]:
    """Incidents that are complete, and say no more than they must."""
    return [
        {
            "slug": f"case-{place}",
            "title": f"Case {place} goes wrong",
            "organization": f"Acme {place % 300}",
            "category": "tone-deaf",
            "severity": 2,
            "occurred_on": "2020-05-05",
            "language": "en",
            "summary": f"The post about event {place} was sent on the wrong day. "
            + "People complained. " * 40,
            "cause": "Nobody looked at the calendar.",
            "outcome": "It was deleted.",
            "sources": [{"title": "A report", "url": f"https://example.com/{place}"}],
            "lessons": [{"text": "Look at the calendar."}],
        }
        for place in range(number)
    ]


def _with_guards(each: list[dict[str, Any]]) -> list[dict[str, Any]]:
    (incident,) = small_incidents(1)
    return [{**incident, "lessons": [{"text": "Look.", "guard": one} for one in each]}]


def files(rng: random.Random) -> Iterator[tuple[str, str]]:
    """The same as files of YAML, with the incidents of a collection that comes with the program."""
    yield "the public cases", public_cases()
    yield "the public cases, changed", public_cases().replace("severity: 2", "severity: 3")
    for label, incidents in collections(rng):
        documents = [{"key": "files", **HEAD}, *incidents]
        yield label, yaml.dump_all(documents, Dumper=yaml.CSafeDumper, allow_unicode=True)


def public_cases() -> str:
    """The incidents of a collection as one file, as if they were somebody's own."""
    folder = seeds_dir() / "collections" / "public-cases"
    paths = (folder / HEAD_FILE, *incident_files(folder))
    return "\n---\n".join(path.read_text("utf-8") for path in paths).replace("public-cases", "own-cases")
