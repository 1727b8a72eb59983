"""Nasty requests for every endpoint of the API, by the name of its view."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any
from urllib.parse import quote_plus, urlencode

from bench.corpus import WORDS
from bench.worst import nasty
from bench.worst.site import PASSWORD, Call, Site, encoded, large_incident, large_texts, large_translation
from kb.config import API_ROOT
from kb.domain.filters import DIMENSIONS, FACETS
from kb.domain.metrics import METRICS
from kb.domain.permissions import Scope
from kb.schemas.guards import MAX_ACCOUNTS

Calls = Iterator[Call]
Generate = Callable[[Site, random.Random], Calls]

_COUNTRIES = "IL,US,GB,FR,DE,ES,IT,PT,RU,UA,PL,NL,SE,DK,FI,CZ,GR,TR,RO,HU,IN,CN,JP,KR,BR,MX,AR,CA,AU,NZ,ZA,EG"


def reads(
    path: str, site: Site, rng: random.Random, *queries: tuple[str, str], root: str = API_ROOT, **options: Any
) -> Calls:
    """A path with nasty headers and parameters, and with some queries of its own: (label, query)."""
    yield Call("plain", "GET", f"{root}{path}", **options)
    for label, headers in nasty.headers(rng):
        yield Call(label, "GET", f"{root}{path}", headers=headers, **options)
    for label, pairs in nasty.queries(rng):
        yield Call(label, "GET", f"{root}{path}?{urlencode(pairs)}", **options)
    for label, query in queries:
        yield Call(label, "GET", f"{root}{path}?{query}", **options)


def writes(
    method: str,
    path: str,
    rng: random.Random,
    valid: dict[str, Any],
    *others: tuple[str, Any],
    **options: Any,
) -> Calls:
    """A path with a valid body, nasty bodies, a nasty value in each field, and with some bodies of its own."""
    path = f"{API_ROOT}{path}"
    yield Call("valid", method, path, encoded(valid), **options)
    field = next(iter(valid), "comment")
    for label, body in (*nasty.bodies(rng, field), *nasty.objects(rng, valid)):
        yield Call(label, method, path, body, **options)
    for label, value in others:
        yield Call(label, method, path, encoded(value), **options)
    for label, headers in nasty.headers(rng):
        yield Call(label, method, path, encoded(valid), headers=headers, **options)
    yield Call("gzip", method, path, b"\x1f\x8b" * 400_000, headers={"Content-Encoding": "gzip"}, **options)
    yield Call("another type", method, path, b"a" * nasty.MAX_BODY, content_type="text/plain", **options)


def deletes(path: str, rng: random.Random) -> Calls:
    """A path with nasty headers."""
    for label, headers in nasty.headers(rng):
        yield Call(label, "DELETE", f"{API_ROOT}{path}", headers=headers)


def filters(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Queries of the filters that lists, search and trends share."""
    keys = ",".join(f"k{number}" for number in range(50))
    terms = "&".join(
        f"{name}={keys}" for name in ("category", "failure_mode", "theme", "platform", "industry", "response")
    )
    yield "300 unknown terms", terms
    yield (
        "known terms",
        "category=tone-deaf,offensive&platform=twitter,facebook&severity=1,2,3,4,5&from=1900&to=2100",
    )
    yield "tags", "tag=" + ",".join(rng.choices(WORDS, k=50))
    yield "an organization", "organization=" + quote_plus(nasty.TEXTS["zalgo"](rng, 200))
    yield "tags of zalgo", "tag=" + quote_plus(nasty.TEXTS["zalgo"](rng, 80))
    yield "languages", "language=" + ",".join(["en", "he", "fr", "pt-BR", "zh-Hans-CN"] * 10)


def groups(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Queries of filters by groups."""
    names = "|".join(f"{first}-{second}" for first, second in zip(WORDS[:500], WORDS[500:1000], strict=True))
    yield (
        "groups",
        "&".join(
            f"group={dimension}:{names[:2_000]}"
            for dimension in ("organization", "tag")
            if dimension in DIMENSIONS
        ),
    )
    yield (
        "50 groups",
        "group=" + ",".join(["organization:a|b|c", "-category:tone-deaf", "platform:twitter"] * 16),
    )
    yield "unknown groups", "group=" + quote_plus(",".join("x" * 150 for _ in range(50)))


def search_queries(rng: random.Random) -> Iterator[tuple[str, str]]:
    """What may be typed into the box for searches."""
    common = WORDS[10:410]

    def some(count: int) -> list[str]:
        return rng.sample(common, count)

    yield "60 common words", " ".join(some(60))
    yield "60 words in the order of the corpus", " ".join(common[:60])
    yield "25 phrases", " ".join(f'"{a} {b}"' for a, b in zip(some(25), some(25), strict=True))
    yield "a phrase of 50 words", f'"{" ".join(some(50))}"'
    yield "12 phrases of 4 words", " ".join(f'"{" ".join(common[i : i + 4])}"' for i in range(12))
    yield "50 prefixes", " ".join(f"{word[:3]}*" for word in some(50))
    yield (
        "short prefixes",
        " ".join(
            f"{a}*" for a in "ba be bi ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu za".split()
        ),
    )
    yield "50 unknown words", " ".join(f"{word[:-1]}q{word[-1]}" for word in some(50))
    yield "50 words with signs", " ".join(f"+{word}" for word in some(50))
    yield "excluded words", " ".join(f"-{word}" for word in some(50))
    yield "groups", "(" * 8 + " OR ".join(some(50)) + ")" * 8
    yield "AND and OR", " AND ".join(f"({a} OR {b})" for a, b in zip(some(25), some(25), strict=True))
    yield (
        "fields",
        " ".join(
            f"{field}:{word}"
            for field, word in zip(
                ["title", "summary", "cause", "outcome", "why"] * 10, some(50), strict=True
            )
        ),
    )
    yield "compounds", " ".join("-".join(pair) for pair in zip(some(25), some(25), strict=True))
    yield "one compound", "-".join(some(50))
    yield "terms", " ".join(f"category:{word}" for word in some(50))
    yield "dates", " ".join(f"before:20{number}" for number in range(10, 60))
    yield (
        "names of brands",
        " ".join(["McDonalds", "Coca-Cola", "Volkswagen", "מקדונלדס", "פפסי", "Шанель"] * 8),
    )
    yield (
        "synonyms",
        " ".join("fired ceo racism sale apology tweet boycott women war bank airline food".split() * 4),
    )
    yield (
        "Hebrew",
        " ".join(
            rng.choices(
                "מבצע התפטר מנכל גזענות התנצלות ציוץ חרם נשים מלחמה בנק חברת תעופה אוכל".split(), k=50
            )
        ),
    )
    yield "misspelled brands", " ".join(["Mcdnalds", "Volkswagn", "Starbcks", "Adiddas", "Dolce Gabanna"] * 9)
    yield "empty", ""


def searches(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Queries of the search."""
    most = f"limit=100&explain=true&facets={','.join(FACETS)}"
    for label, text in search_queries(rng):
        yield label, f"q={quote_plus(text)}&{most}"
        yield f"{label}, 10 hits", f"q={quote_plus(text)}"
        yield f"{label}, last page", f"q={quote_plus(text)}&limit=100&offset=9900&sort=newest"
    for label, text in nasty.texts(rng, 2_500):
        yield label, f"q={quote_plus(text)}&{most}"


def suggestions(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Queries of suggestions."""
    for label, text in search_queries(rng):
        yield label, f"q={quote_plus(text)}&limit=20"
    for label, text in nasty.texts(rng, 2_500):
        yield label, f"q={quote_plus(text)}&limit=20"
    for letter in "bcdmאש":
        yield f"{letter!r}", f"q={quote_plus(letter)}&limit=20"


def trends(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Queries of trends."""
    for first, second in (
        ("organization", "tag"),
        ("organization", "category"),
        ("category", "platform"),
        ("tag", "organization"),
        ("language", "theme"),
    ):
        if {first, second} <= set(DIMENSIONS):
            for interval, period in product(
                ("day", "week", "none"), ("from=1950&to=2030", "from=2008&to=2025", "")
            ):
                yield (
                    f"{first} and {second} by {interval} {period}",
                    f"group_by={first},{second}&interval={interval}&top=100&{period}&compare=previous_period",
                )
    for metric in METRICS:
        yield (
            f"{metric} by day",
            f"metric={metric}&group_by=organization&interval=day&top=100&from=2005&to=2026",
        )
    yield "published by day", "date_field=published_at&interval=day&group_by=organization&top=100"
    yield "tz", "tz=America/New_York&interval=day&date_field=published_at"


def _draft(rng: random.Random, text: str) -> dict[str, Any]:
    return {
        "text": text,
        "audience_countries": _COUNTRIES.split(","),
        "scheduled_at": "2027-09-11T09:00:00-04:00",
        "platform": "twitter",
        "links": [f"http://a{number}.example.com/{'x' * 300}" for number in range(100)],
        "approvers": [f"Name {number}" for number in range(20)],
        "weak": True,
    }


def checks(rng: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """Drafts of the worst kinds."""
    for label, text in nasty.texts(rng, 50_000):
        yield label, {"text": text}
    for label, text in nasty.texts(rng, 5_000):
        yield f"{label} (5,000)", _draft(rng, text)
    suppress = [{"guard": f"guard-{number}-{'x' * 80}", "reason": "y" * 400} for number in range(500)]
    yield "500 suppressions", {"text": "Black Friday **** Need copy", "suppress": suppress}
    yield "links", _draft(rng, "http://a.example.com/ " * 2_000)


def calendars(rng: random.Random) -> Iterator[tuple[str, str]]:
    """Calendars in CSV."""
    yield "5,000 rows", "text\n" + "Good morning\n" * 5_000
    yield "5,000 posts", "Date,Time,Channel,Copy\n" + "2027-09-11,09:00,Facebook,Half price today\n" * 5_000
    yield "30,000 rows", "text\n" + "Hi\n" * 30_000
    yield (
        "rows at one time",
        "Date,Time,Channel,Copy\n"
        + "".join(f"2027-09-11,09:00,Facebook,{nasty.prose(rng, 100)}\n" for _ in range(5_000)),
    )
    yield "one row", "text\n" + "a" * 900_000
    yield "400,000 columns", "," * 400_000 + "\n" + "," * 400_000
    yield "columns of texts", "text," * 2_000 + "\n" + ("Hello," * 2_000 + "\n") * 60
    yield "quotes", '"' * nasty.MAX_BODY
    yield "an open quote", 'text\n"' + "a\n" * 400_000
    yield "empty lines", "text\n" + "\n" * 900_000
    yield "semicolons", "text;" + "a;b,c\t" * 150_000
    yield "dates", "Date,Copy\n" + "03/04/2027,Hello\n" * 5_000
    yield (
        "nasty dates",
        "Date,Copy\n"
        + "".join(
            f"{nasty.TEXTS['digits and signs'](rng, 150).replace(',', '')},Hello\n" for _ in range(5_000)
        ),
    )
    yield (
        "nasty channels",
        "Channel,Copy\n"
        + "".join(f"{nasty.TEXTS['both languages'](rng, 150)},Hello\n" for _ in range(5_000)),
    )
    for label in ("zalgo", "punctuation", "'\"' repeated", "scripts mixed"):
        text = nasty.TEXTS[label](rng, 190_000).replace("\n", " ").replace(",", " ")
        yield (
            f"rows of {label}",
            "text\n" + "\n".join(text[at : at + 1_000] for at in range(0, len(text), 1_000)),
        )


def rows(rng: random.Random) -> Iterator[tuple[str, Any]]:
    """Calendars in JSON."""
    yield "5,000 rows", [{"text": "Good morning"}] * 5_000
    yield "30,000 rows", [{"text": "Hi"}] * 30_000
    yield "5,000 rows of unknown keys", [{f"x{number}": 1 for number in range(12)}] * 5_000
    yield "one row of unknown keys", [{f"x{number}": 1 for number in range(60_000)}]
    yield (
        "drafts of 50,000 characters",
        [{"text": nasty.TEXTS["words of posts"](rng, 50_000)} for _ in range(18)],
    )


def _guard(**changes: Any) -> dict[str, Any]:
    guard = {
        "type": "phrase",
        "severity": "caution",
        "message": {"en": "We do not say this: {text}"},
        "parameters": {"phrases": ["dirt cheap"]},
        "examples": {"bad": [{"text": "Dirt cheap boots"}], "good": [{"text": "Boots"}]},
    }
    return {**guard, **changes}


def guards(rng: random.Random) -> Iterator[tuple[str, Any]]:
    """Guards to test."""
    yield "one guard", {"guards": [_guard()]}
    yield "100 guards", {"guards": [_guard(key=f"guard {number}") for number in range(100)]}
    phrases = [nasty.prose(rng, 280) for _ in range(500)]
    yield "500 phrases", {"guards": [_guard(parameters={"phrases": [*phrases, "dirt cheap"]})]}
    for pattern in (
        r"(a+)+$",
        r"(\w+\s?)*x",
        r"\w{1,900}z",
        r"(x{1,30}){1,30}",
        r".*.*.*.*=",
        r"(?i)[\p{L}]+ [\p{L}]+ [\p{L}]+",
        "|".join(WORDS[:40]),
    ):
        yield (
            f"pattern {pattern[:20]}",
            {"guards": [_guard(type="pattern", parameters={"pattern": pattern, "patterns": [pattern]})] * 20},
        )
        yield (
            f"patterns {pattern[:20]}",
            {"guards": [_guard(type="pattern", parameters={"patterns": [pattern]})] * 20},
        )
    yield (
        "examples of 50,000 characters",
        {
            "guards": [
                _guard(
                    examples={"bad": [{"text": nasty.TEXTS["words of posts"](rng, 45_000)}] * 20, "good": []}
                )
            ]
        },
    )
    yield "unknown parameters", {"guards": [_guard(parameters={f"x{number}": 1 for number in range(50_000)})]}
    yield "a long list of phrases", {"guards": [_guard(parameters={"phrases": ["x"] * 200_000})]}
    yield "nested parameters", {"guards": [_guard(parameters={"phrases": [[[[["x"]]]]] * 50_000})]}
    yield "countries", {"guards": [_guard(accounts=["@a"] * MAX_ACCOUNTS)] * 100}


def _incident_parts(rng: random.Random, site: Site) -> Iterator[tuple[str, Any]]:
    small = {"title": "A draft", "organization": "Acme", "category": "offensive"}
    yield "the largest", large_incident(rng)
    for label in (
        "zalgo",
        "characters that grow",
        "Hebrew without blanks",
        "Latin without blanks",
        "scripts mixed",
        "punctuation",
        "distinct words",
        "'a-' repeated",
        "words of posts",
    ):
        texts = {
            name: nasty.TEXTS[label](rng, 19_000) for name in ("summary", "why_failure", "cause", "outcome")
        }
        yield label, {**small, **texts, "lessons": [{"text": nasty.TEXTS[label](rng, 1_900)}] * 50}
    yield (
        "1,500 unknown terms",
        {
            **small,
            **{
                name: [f"k{number}" for number in range(50)]
                for name in ("platforms", "themes", "failure_modes")
            },
        },
    )
    yield (
        "50 guards",
        {**small, "lessons": [{"text": f"Lesson {number}", "guard": _guard()} for number in range(50)]},
    )
    yield (
        "50 guards that fail",
        {
            **small,
            "lessons": [
                {"text": f"Lesson {number}", "guard": _guard(parameters={"phrases": ["x"]})}
                for number in range(50)
            ],
        },
    )
    yield "50 broken lessons", {**small, "lessons": [{f"x{n}": 1 for n in range(500)}] * 50}


def _bound_lists(name: str, site: Site, rng: random.Random, *queries: tuple[str, str]) -> Calls:
    yield from reads(name, site, rng, ("100", "limit=100"), *queries)


def _incident(site: Site, rest: str = "") -> str:
    return f"/incidents/{site.large}{rest}"


def _filtered(path: str) -> Generate:
    return lambda site, rng: reads(path, site, rng, ("100", "limit=100"), *filters(rng), *groups(rng))


def _diffs(site: Site) -> Sequence[tuple[str, str]]:
    last = len(range(21))
    return [
        ("first and last", f"from=1&to={last}"),
        ("last two", f"from={last - 1}&to={last}"),
        ("unknown", "from=1&to=999999999"),
    ]


def _batches(path: str, site: Site, rng: random.Random) -> Calls:
    for label, text in calendars(rng):
        yield Call(label, "POST", f"{API_ROOT}{path}", text.encode(), content_type="text/csv")


CASES: dict[str, Generate] = {
    "get_live": lambda s, r: reads("/health/live", s, r),
    "get_ready": lambda s, r: reads("/health/ready", s, r),
    "openapi_yaml": lambda s, r: reads("/openapi.yaml", s, r),
    "openapi_json": lambda s, r: reads("/openapi.json", s, r),
    "docs_page": lambda s, r: reads("/docs", s, r, root=""),
    "docs_static": lambda s, r: reads("/docs/static/docs.css", s, r, root=""),
    "root": lambda s, r: reads("", s, r),
    "create_session": lambda s, r: writes("POST", "/sessions", r, {"email": s.email, "password": PASSWORD}),
    "search": lambda s, r: reads("/search", s, r, *searches(r), *filters(r)),
    "suggest": lambda s, r: reads("/suggest", s, r, *suggestions(r)),
    "get_trends": lambda s, r: reads("/trends", s, r, *trends(r), *filters(r), *groups(r)),
    "get_trends_csv": lambda s, r: reads("/trends.csv", s, r, *trends(r)),
    "get_calendar": lambda s, r: reads("/calendar", s, r, ("3 years", f"country={_COUNTRIES}&from=2026&to=2028"), ("far", "from=2190&to=2192"), ("1 year a country", "country=" + ",".join(["IL"] * 50))),
    "get_calendar_ics": lambda s, r: reads("/calendar.ics", s, r, ("3 years", f"country={_COUNTRIES}&from=2026&to=2028")),
    "list_namespaces": lambda s, r: reads("/taxonomy", s, r),
    "get_namespace": lambda s, r: reads("/taxonomy/category", s, r),
    "get_namespace_csv": lambda s, r: reads("/taxonomy/category.csv", s, r),
    "list_changes": lambda s, r: reads("/changes", s, r, ("1,000", "limit=1000"), ("since", "limit=1000&since=9000")),
    "list_changes_atom": lambda s, r: reads("/changes.atom", s, r, ("100", "limit=100"), *filters(r)),
    "get_template": lambda s, r: reads("/templates/incident", s, r),
    "get_template_markdown": lambda s, r: reads("/templates/incident.md", s, r),
    "list_incidents": _filtered("/incidents"),
    "list_incidents_csv": _filtered("/incidents.csv"),
    "get_incident": lambda s, r: reads(_incident(s), s, r, ("lang", "lang=he")),
    "list_similar": lambda s, r: reads(_incident(s, "/similar"), s, r, ("100", "limit=100")),
    "list_duplicates": lambda s, r: reads(_incident(s, "/duplicates"), s, r),
    "get_completeness": lambda s, r: reads(_incident(s, "/completeness"), s, r),
    "list_comments": lambda s, r: _bound_lists(_incident(s, "/comments"), s, r),
    "get_comment": lambda s, r: reads(_incident(s, f"/comments/{s.comment}"), s, r),
    "create_comment": lambda s, r: writes("POST", _incident(s, "/comments"), r, {"text": nasty.prose(r, 5_000), "about": "title", "internal": True}),
    "update_comment": lambda s, r: writes("PATCH", _incident(s, f"/comments/{s.comment}"), r, {"resolved": True}),
    "list_revisions": lambda s, r: _bound_lists(_incident(s, "/revisions"), s, r),
    "get_revision": lambda s, r: reads(_incident(s, "/revisions/21"), s, r),
    "get_diff": lambda s, r: reads(_incident(s, "/diff"), s, r, *_diffs(s)),
    "list_events": lambda s, r: _bound_lists(_incident(s, "/events"), s, r),
    "list_proposals": lambda s, r: _bound_lists("/proposals", s, r),
    "list_incident_proposals": lambda s, r: _bound_lists(_incident(s, "/proposals"), s, r),
    "get_proposal": lambda s, r: reads(f"/proposals/{s.proposal}", s, r),
    "list_actions": lambda s, r: _bound_lists("/actions", s, r, ("overdue", "overdue=true&limit=100")),
    "list_incident_actions": lambda s, r: _bound_lists(_incident(s, "/actions"), s, r),
    "get_action": lambda s, r: reads(f"/actions/{s.action}", s, r),
    "get_effectiveness": lambda s, r: reads(_incident(s, "/effectiveness"), s, r),
    "create_check": lambda s, r: writes("POST", "/checks", r, {"text": "Hello", "links": [], "audience": "", "suppress": []}, *checks(r)),
    "list_guards": lambda s, r: reads("/guards", s, r),
    "backtest_guards": lambda s, r: writes("POST", "/guards/backtest", r, {"guards": []}, *guards(r)),
    "check_batch": lambda s, r: writes("POST", "/checks/batch", r, {"text": ""}, *rows(r)),
    "check_batch_csv": lambda s, r: _batches("/checks/batch.csv", s, r),
    "list_checks": lambda s, r: _bound_lists("/checks", s, r, ("filters", "verdict=stop&platform=twitter&account=x")),
    "get_check_counts": lambda s, r: reads("/checks/trends", s, r, ("by day", "interval=day&from=1900&to=2100"), ("10 years by day", "interval=day&from=2016&to=2026")),
    "get_check": lambda s, r: reads(f"/checks/{s.check}", s, r),
    "override_check": lambda s, r: writes("POST", f"/checks/{s.check}/override", r, {"reason": "It is a quotation."}),
    "rerun_check": lambda s, r: writes("POST", f"/checks/{s.check}/rerun", r, {}, ("another text", {"text": "x" * 50_000})),
    "call_harmless": lambda s, r: writes("POST", f"/checks/{s.check}/findings/1/not-a-problem", r, {"reason": "It is."}),
    "get_guard_suggestion": lambda s, r: reads(_incident(s, "/guard-suggestion"), s, r),
    "list_offers": lambda s, r: _bound_lists("/guards/unfinished-text/offers", s, r),
    "list_offers_yaml": lambda s, r: _bound_lists("/guards/unfinished-text/offers.yaml", s, r),
    "decide_offer": lambda s, r: writes("POST", f"/guards/{s.offer_guard}/offers/{s.offer}/decision", r, {"status": "maybe"}, ("a guard", {"status": "accepted", "guard": _guard()})),
    "create_near_miss": lambda s, r: writes("POST", f"/checks/{s.check}/near-miss", r, {"title": "A near miss", "summary": nasty.prose(r, 20_000)}),
    "create_incident": lambda s, r: writes("POST", "/incidents", r, {"title": "A draft", "organization": "Acme", "category": "offensive", "tags": [], "lessons": [], "sources": [], "occurred_on": None, "language": "en"}, *_incident_parts(r, s)),
    "update_incident": lambda s, r: writes("PATCH", f"/incidents/{s.draft}", r, {"title": "Another title", "lessons": [], "themes": []}, *_incident_parts(r, s)),
    "put_translation": lambda s, r: writes("PUT", _incident(s, "/translations/he"), r, {"title": "כותרת", "lessons": []}, ("the largest", large_translation(r))),
    "restore_revision": lambda s, r: writes("POST", _incident(s, "/revisions/1/restore"), r, {}),
    "create_event": lambda s, r: writes("POST", f"/incidents/{s.draft}/events", r, {"step": "submit", "comment": "", "acknowledge": []}),
    "update_proposal": lambda s, r: writes("PATCH", f"/proposals/{s.proposal}", r, {"title": "Another title", "keep": []}, ("the largest texts", large_texts(r))),
    "create_proposal_event": lambda s, r: writes("POST", f"/proposals/{s.proposal}/events", r, {"step": "none", "comment": ""}),
    "withdraw_incident": lambda s, r: deletes("/incidents/999999", r),
    "mark_duplicate": lambda s, r: writes("POST", f"/incidents/{s.draft}/duplicate-of/{s.draft}", r, {"take_over": []}),
    "create_action": lambda s, r: writes("POST", _incident(s, "/actions"), r, {"title": "Write a checklist", "owner": "Dana"}),
    "update_action": lambda s, r: writes("PATCH", f"/actions/{s.action}", r, {"status": "done"}),
    "list_audit": lambda s, r: _bound_lists("/audit", s, r),
    "get_me": lambda s, r: reads("/me", s, r),
    "update_me": lambda s, r: writes("PATCH", "/me", r, {"time_zone": "Asia/Jerusalem", "language": "he"}),
    "delete_session": lambda s, r: iter([Call("plain", "DELETE", f"{API_ROOT}/sessions/current", headers={"Authorization": f"Bearer {s.new_token()}"})]),
    "delete_other_sessions": lambda s, r: deletes("/sessions/others", r),
    "list_tokens": lambda s, r: _bound_lists("/tokens", s, r),
    "create_token": lambda s, r: writes("POST", "/tokens", r, {"name": "mine", "scopes": [Scope.READ.value], "days": 1}),
    "revoke_token": lambda s, r: deletes("/tokens/999999", r),
    "list_teams": lambda s, r: reads("/teams", s, r),
    "get_team": lambda s, r: reads("/teams/main", s, r),
    "create_team": lambda s, r: writes("POST", "/teams", r, {"key": f"team-{r.randrange(10**9)}", "name": "North"}),
    "update_team": lambda s, r: writes("PATCH", "/teams/main", r, {"name": "Main"}),
    "list_members": lambda s, r: _bound_lists("/teams/main/members", s, r),
    "put_member": lambda s, r: writes("PUT", "/teams/main/members/nobody@example.com", r, {"role": "reader"}),
    "remove_member": lambda s, r: deletes("/teams/main/members/nobody@example.com", r),
    "list_users": lambda s, r: _bound_lists("/users", s, r),
    "create_user": lambda s, r: writes("POST", "/users", r, {"email": f"u{r.randrange(10**9)}@example.com", "name": "A user", "time_zone": "UTC", "password": "x"}),
    "get_user": lambda s, r: reads(f"/users/{s.user}", s, r),
    "update_user": lambda s, r: writes("PATCH", f"/users/{s.user}", r, {"language": "he", "name": None}),
}  # fmt: skip
