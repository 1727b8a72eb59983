"""Nasty requests for every page, by the name of its view."""

from __future__ import annotations

import zlib
from base64 import b64encode
from random import getrandbits
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlencode

from bench.worst import collection_cases, nasty
from bench.worst.cases import Calls, Generate, calendars, reads
from bench.worst.query_cases import filters, groups, searches, suggestions, trends
from bench.worst.site import PASSWORD, Call, Site

if TYPE_CHECKING:
    import random

_FORM = "application/x-www-form-urlencoded"

_BOUNDARY = "kb0123456789"
_MULTIPART = f"multipart/form-data; boundary={_BOUNDARY}"
_FILE = 'name="file"; filename="a.csv"'
_COLLECTION_FILE = 'name="file"; filename="a.yaml"'
_COLLECTION_LINES = 'name="file"; filename="a.json"'
_IMPORT_FILE = 'name="file"; filename="a.csv"'


def opens(path: str, *queries: tuple[str, str]) -> Generate:
    """The page of a path, with nasty headers and parameters, and with some queries of its own."""
    return lambda site, rng: reads(path.format_map(vars(site)), site, rng, *queries, root="")


def sends(path: str, **fields: str) -> Generate:
    """The form of a path, with a nasty value in each field in turn."""

    def generate(site: Site, rng: random.Random) -> Calls:
        yield from _forms(site, path.format_map(vars(site)), rng, fields)

    return generate


def _forms(site: Site, path: str, rng: random.Random, fields: dict[str, str]) -> Calls:
    def call(label: str, values: Any) -> Call:
        body = urlencode(values, errors="replace").encode()
        return Call(label, "POST", path, body, content_type=_FORM, headers={"Origin": "http://localhost"})

    sent = {**fields, "csrf_token": site.form_token}
    yield call("valid", sent)
    for field in fields:
        for label, text in nasty.texts(rng, 100_000):
            yield call(f"{field}: {label}", {**sent, field: text})
    yield call("60,000 fields", [*sent.items(), *((f"x{number}", "1") for number in range(60_000))])
    yield call("900 fields", [*sent.items(), *((f"x{number}", "1") for number in range(900))])
    yield call("900 times a field", [*sent.items(), *[("suppress", '["a","b",null]')] * 900])
    yield call("a name of 400 kB", [*sent.items(), ("x" * 400_000, "1")])
    yield call("no token", fields)
    yield call("a token of 400 kB", {**sent, "csrf_token": "a." * 200_000})


def _drafts(site: Site, rng: random.Random) -> Calls:
    for label, text in nasty.texts(rng, 49_000):
        fields = {"text": text, "platform": "twitter", "countries": "IL, US", "csrf_token": site.form_token}
        body = urlencode(fields, errors="replace").encode()
        yield Call(label, "POST", "/check", body, content_type=_FORM)
    yield from _forms(
        site,
        "/check",
        rng,
        {"countries": "IL", "links": "", "former": "", "approvers": "", "when": "", "zone": "UTC"},
    )


def _multipart(*parts: tuple[str, str]) -> bytes:
    """A form with a file: the attributes of each part, and its content."""
    body = "".join(
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n" for head, text in parts
    )
    return f"{body}--{_BOUNDARY}--\r\n".encode()


def _files(site: Site, rng: random.Random) -> Calls:
    bodies = [(label, _multipart(_token(site), (_FILE, text))) for label, text in calendars(rng)]
    bodies.append(("12,000 parts", _multipart(*[('name="x"', "1")] * 12_000)))
    bodies.append(("dashes", b"\r\n--" * 240_000))
    for label, body in bodies:
        yield Call(label, "POST", "/check/calendar", body, content_type=_MULTIPART)
    fields = {"content": "", "country": "", "column_text": "", "date_order": "dmy"}
    yield from _forms(site, "/check/calendar", rng, fields)


def _token(site: Site) -> tuple[str, str]:
    return 'name="csrf_token"', site.form_token


def _guard_texts(rng: random.Random) -> list[tuple[str, str]]:
    aliases = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    return [
        ("aliases of aliases", aliases),
        ("nested lists", "[" * 50_000),
        ("nested mappings", "\n".join(" " * number + "a:" for number in range(1_000))),
        ("100,000 keys", "\n".join(f"k{number}: 1" for number in range(100_000))),
        ("a long list", "phrases: [" + "a, " * 200_000 + "a]"),
        ("colons", ": " * 200_000),
        ("dashes", "- " * 200_000),
        ("quotes", '"' * 200_000),
        ("anchors", "&a " * 100_000),
        ("tags", "!!python/object " * 20_000),
        ("a number", "type: " + "9" * 500_000),
        ("a base", "type: 0x" + "f" * 500_000),
        ("a sexagesimal number", "type: " + "1:" * 100_000 + "1"),
        (
            "merged keys",
            "a0: &a0 {k: 1}\n"
            + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 90)),
        ),
    ]


def _guards(site: Site, rng: random.Random) -> Calls:
    for label, text in (*_guard_texts(rng), *nasty.texts(rng, 300_000)):
        body = urlencode({"guard": text, "csrf_token": site.form_token}, errors="replace").encode()
        if len(body) < 1_000_000:
            yield Call(label, "POST", "/guards/new", body, content_type=_FORM)
    for label, parameter in (("pattern", "patterns: ['(\\w+\\s?)*x']"), ("phrase", "phrases: ['a x']")):
        head = f"key: a\ntype: {label}\nseverity: caution\nmessage: x\nparameters:\n  {parameter}\n"
        text = f"{head}examples:\n  bad: ['a x']\n  good: ['b']\n"
        body = urlencode({"guard": text, "csrf_token": site.form_token}).encode()
        yield Call(f"a {label}", "POST", "/guards/new", body, content_type=_FORM)


def _collection_files(path: str) -> Generate:
    """A file of a collection, as it is chosen, and as the page of its trial hands it on."""

    def generate(site: Site, rng: random.Random) -> Calls:
        own = collection_cases.files(rng)
        for label, text in (*_guard_texts(rng), *nasty.texts(rng, 300_000), *_large_files(), *own):
            chosen = _multipart(_token(site), (_COLLECTION_FILE, text))
            yield Call(label, "POST", path, chosen, content_type=_MULTIPART)
            content = b64encode(zlib.compress(text.encode(errors="replace"))).decode()
            fields = _token(site), ('name="name"', "a.yaml"), ('name="content"', content)
            yield Call(f"{label}, again", "POST", path, _multipart(*fields), content_type=_MULTIPART)
        for label, text in _large_lines():
            yield Call(
                label,
                "POST",
                path,
                _multipart(_token(site), (_COLLECTION_LINES, text)),
                content_type=_MULTIPART,
            )
        yield from _forms(site, path, rng, {"name": "a.yaml", "content": ""})

    return generate


def _import_files(site: Site, rng: random.Random) -> Calls:
    """Files to try an import of, with nasty mappings."""
    for label, text in (*nasty.texts(rng, 300_000), *_large_files()):
        for name, value in (("file", text), ("mapping", text)):
            others = [('name="mapping"', "")] if name == "file" else [(_IMPORT_FILE, "a,b\n1,2\n")]
            field = (_IMPORT_FILE, value) if name == "file" else ('name="mapping"', value)
            body = _multipart(_token(site), *others, field)
            yield Call(f"{label} as {name}", "POST", "/imports", body, content_type=_MULTIPART)


def _large_files() -> list[tuple[str, str]]:
    """Files that are nearly as large as a collection may be."""
    return [
        ("7 MB of small documents", "---\na: 1\n" * 780_000),
        ("7 MB of one text", f"a: {'x' * 7_000_000}"),
        ("7 MB of a list", "- 1\n" * 1_750_000),
        ("7 MB of two letters", f"a: {bin(getrandbits(7_000_000))}"),
    ]


def _large_lines() -> list[tuple[str, str]]:
    """The same in JSON."""
    keys = ",".join(f'"k{number}":1' for number in range(500_000))
    return [
        ("7 MB of an array", f"[{'{},' * 2_300_000}{{}}]"),
        ("7 MB of one object", f'[{{"key":"a"}},{{{keys}}}]'),
        ("7 MB of one list", f'[{{"key":"a"}},{{"title":[{"1," * 3_400_000}1]}}]'),
    ]


def _words(rng: random.Random, name: str) -> list[tuple[str, str]]:
    return [(label, f"{name}={quote_plus(text)}") for label, text in nasty.texts(rng, 2_500)]


def _ended(path: str) -> Generate:
    """A form that ends a session: sent by nobody."""
    return lambda site, rng: iter([Call("plain", "POST", path, b"", content_type=_FORM, as_nobody=True)])


PAGE_CASES: dict[str, Generate] = {
    "static_file": lambda s, r: reads("/static/x/style.css", s, r, root=""),
    "front_page": opens("/"),
    "search_page": lambda s, r: reads("/search", s, r, *searches(r), *filters(r), root=""),
    "search_results_csv": lambda s, r: reads("/search.csv", s, r, *searches(r), root=""),
    "search_suggestions": lambda s, r: reads("/search/suggest", s, r, *suggestions(r), root=""),
    "incident_page": opens("/incidents/{large}", ("in", "in=he")),
    "incident_slug_page": lambda s, r: reads(f"/incidents/{s.large}-{'a-' * 3_000}", s, r, root=""),
    "history_page": opens("/incidents/{large}/history", ("cursor", "cursor=abc"), ("from", "from=1&to=9")),
    "diff_page": lambda s, r: [
        c
        for path in ("1..3", "2..3", "1..2")
        for c in reads(f"/incidents/{s.large}/history/{path}", s, r, root="")
    ].__iter__(),
    "topics_page": opens("/topics"),
    "after_failure_page": opens("/after-a-failure"),
    "topic_page": opens("/topics/platform"),
    "check_page": lambda s, r: reads("/check", s, r, *_words(r, "text"), root=""),
    "check_pasted_draft": _drafts,
    "checks_page": opens("/checks", ("verdict", "verdict=stop")),
    "check_receipt_page": opens("/checks/{check}"),
    "check_harmless_page": opens("/checks/{check}/findings/1/not-a-problem"),
    "check_near_miss_page": opens("/checks/{check}/near-miss"),
    "check_go_ahead": sends("/checks/{check}/override", reason="A joke."),
    "check_rerun": sends("/checks/{check}/rerun", text="", links=""),
    "check_call_harmless": sends("/checks/{check}/findings/1/not-a-problem", reason="", text="", links=""),
    "check_file_near_miss": sends(
        "/checks/{check}/near-miss",
        title="A near miss",
        summary="",
        organization="Acme",
        category="offensive",
    ),
    "guards_page": lambda s, r: reads("/guards", s, r, *_words(r, "q"), root=""),
    "guard_page": opens("/guards/unfinished-text"),
    "guard_try": sends("/guards/unfinished-text", text="Hello"),
    "guard_backtest_page": opens("/guards/unfinished-text/backtest"),
    "guard_new_page": lambda s, r: reads(
        "/guards/new",
        s,
        r,
        ("phrase", "type=phrase"),
        ("incident", f"type=phrase&incident={s.large}"),
        root="",
    ),
    "guard_test": _guards,
    "guard_attach": sends("/guards/new/attach", guard="key: a", lesson="1"),
    "guard_offers_page": opens("/guards/offers"),
    "guard_offer_decide": sends("/guards/{offer_guard}/offers/{offer}", status="maybe"),
    "waiting_page": opens("/waiting"),
    "proposal_page": opens("/proposals/{proposal}"),
    "proposal_decide": sends("/proposals/{proposal}", step="none", comment="", version="1"),
    "incident_review_page": opens("/incidents/{large}/review"),
    "incident_review_decide": sends("/incidents/{draft}/review", step="none", comment="", version="1"),
    "sign_in_page": opens("/sign-in", ("next", "next=" + "/a" * 3_000)),
    "sign_in": lambda s, r: _forms(s, "/sign-in", r, {"email": s.email, "password": PASSWORD, "next": "/"}),
    "sign_out": _ended("/sign-out"),
    "account_page": opens("/account"),
    "update_account": sends("/account", language="he", time_zone="UTC", version="1"),
    "change_password": sends("/account/password", current_password="x", password="y"),  # noqa: S106 (wrong ones)
    "end_token": sends("/account/tokens/999999/end"),
    "sign_out_elsewhere": sends("/account/sessions/others/end"),
    "users_page": opens("/users", ("cursor", "cursor=abc")),
    "user_add": sends(
        "/users",
        email="nobody@example.com",
        name="Nobody",
        password="x",  # noqa: S106 (a wrong one)
    ),
    "user_change": sends("/users/999999", step="close", version="1"),
    "team_page": opens("/teams/main"),
    "team_update": sends("/teams/main", name="Main team", language="en", version="1"),
    "team_member_add": sends("/teams/main/members", email="nobody@example.com", role="reader"),
    "team_member_change": sends("/teams/main/members/999999", role="reader", version="1"),
    "token_new_page": opens("/account/tokens/new"),
    "token_create": sends("/account/tokens/new", name="mine", days="1"),
    "incident_list_page": lambda s, r: reads("/incidents", s, r, *filters(r), *groups(r), root=""),
    "incident_list_csv": lambda s, r: reads("/incidents.csv", s, r, *filters(r), *groups(r), root=""),
    "trends_page": lambda s, r: reads(
        "/trends",
        s,
        r,
        *trends(r),
        *[(f"{label}, table", f"{query}&view=table") for label, query in trends(r)],
        root="",
    ),
    "trends_csv": lambda s, r: reads("/trends.csv", s, r, *trends(r), root=""),
    "categories_page": opens("/categories"),
    "category_page": opens("/categories/tone-deaf"),
    "calendar_page": opens(
        "/calendar",
        ("a month", "month=2027-05&country=IL"),
        ("countries", "month=2027-05&country=" + ",".join(["IL", "US", "GB"] * 16)),
    ),
    "check_calendar_page": opens("/check/calendar"),
    "check_calendar_file": _files,
    "check_calendar_example": opens("/check/calendar/example.csv"),
    "check_calendar_kept_page": opens(
        "/check/calendar/{calendar}", ("verdict", "verdict=stop"), ("last", "page=99")
    ),
    "check_calendar_row_page": opens("/check/calendar/{calendar}/rows/5"),
    "check_calendar_csv": opens("/check/calendar/{calendar}/result.csv"),
    "check_calendar_delete": sends("/check/calendar/999999/delete"),
    "organization_aliases_page": opens("/organizations/aliases", ("cursor", "cursor=abc")),
    "organization_alias_add": sends("/organizations/aliases", alias="Acme Cola", organization="Acme"),
    "organization_alias_remove": sends("/organizations/aliases/999999/remove"),
    "collections_page": opens("/collections"),
    "collection_page": opens("/collections/public-cases", ("cursor", "cursor=abc")),
    "collection_add_try": sends("/collections/nothing/add/try"),
    "collection_add": sends("/collections/nothing/add"),
    "collection_remove_try": sends("/collections/nothing/remove/try", edited="1"),
    "collection_remove": sends("/collections/nothing/remove", edited="1"),
    "collection_file_page": opens("/collections/file/new"),
    "collection_file_try": _collection_files("/collections/file/new"),
    "collection_file_add": _collection_files("/collections/file/new/add"),
    "imports_page": opens("/imports", ("cursor", "cursor=abc")),
    "import_file": _import_files,
    "import_page": opens("/imports/999999"),
    "import_confirm": sends("/imports/999999/import", skip_invalid="1", again="1"),
    "import_cancel": sends("/imports/999999/cancel"),
    "import_restart": sends("/imports/999999/restart"),
}
