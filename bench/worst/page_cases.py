"""Nasty requests for every page, by the name of its view."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlencode

from bench.worst import nasty
from bench.worst.cases import Calls, Generate, reads
from bench.worst.form_cases import FORM, GUARD, collection_files, files, forms, guards, import_files
from bench.worst.query_cases import filters, groups, searches, suggestions, trends
from bench.worst.site import PASSWORD, Call, Site

if TYPE_CHECKING:
    import random


def opens(path: str, *queries: tuple[str, str]) -> Generate:
    """The page of a path, with nasty headers and parameters, and with some queries of its own."""
    return lambda site, rng: reads(path.format_map(site.pick(rng)), site, rng, *queries, root="")


def sends(path: str, **fields: str) -> Generate:
    """The form of a path, with a nasty value in each field in turn."""

    def generate(site: Site, rng: random.Random) -> Calls:
        picked = site.pick(rng)
        values = {name: value.format_map(picked) for name, value in fields.items()}
        yield from forms(site, path.format_map(picked), rng, values)

    return generate


def _changes(path: str, **fields: str) -> Generate:
    """The same, of a page of an incident, with its present version: other endpoints change it, too."""
    incident = "/".join(path.split("/")[:3])

    def generate(site: Site, rng: random.Random) -> Calls:
        picked = site.pick(rng)
        version = site.get(incident.format_map(picked))["version"]
        yield from forms(site, path.format_map(picked), rng, {**fields, "version": str(version)})

    return generate


def _in_turn(*each: Generate) -> Generate:
    """Requests of several kinds for one view."""
    return lambda site, rng: chain.from_iterable(generate(site, rng) for generate in each)


def _deleted_calendar(site: Site, rng: random.Random) -> Calls:
    yield from forms(site, f"/check/calendar/{site.keep_calendar()}/delete", rng, {})


def _removed_collection(site: Site, rng: random.Random) -> Calls:
    site.post("/collections", {"key": "public-cases"})
    yield from forms(site, "/collections/public-cases/remove", rng, {"edited": "1"})


def _drafts(site: Site, rng: random.Random) -> Calls:
    for label, text in nasty.texts(rng, 49_000):
        fields = {"text": text, "platform": "twitter", "countries": "IL, US", "csrf_token": site.form_token}
        body = urlencode(fields, errors="replace").encode()
        yield Call(label, "POST", "/check", body, content_type=FORM)
    yield from forms(
        site,
        "/check",
        rng,
        {"countries": "IL", "links": "", "former": "", "approvers": "", "when": "", "zone": "UTC"},
    )


def _words(rng: random.Random, name: str) -> list[tuple[str, str]]:
    return [(label, f"{name}={quote_plus(text)}") for label, text in nasty.texts(rng, 2_500)]


def _ended(path: str) -> Generate:
    """A form that ends a session: sent by nobody."""
    return lambda site, rng: iter([Call("plain", "POST", path, b"", content_type=FORM, as_nobody=True)])


PAGE_CASES: dict[str, Generate] = {
    "static_file": lambda s, r: reads(s.stylesheet, s, r, root=""),
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
    "incident_new_page": opens("/incidents/new"),
    "incident_file": sends(
        "/incidents/new", title="A joke", summary="", organization="Acme", category="tone-deaf", team="main"
    ),
    "incident_edit_page": opens("/incidents/{large_draft}/edit"),
    "incident_part_page": opens("/incidents/{large_draft}/edit/cause"),
    "incident_part_save": _changes("/incidents/{large_draft}/edit/cause", cause="A joke."),
    "incident_order_page": opens("/incidents/{large_draft}/edit/lessons/order"),
    "incident_order_save": _changes(
        "/incidents/{large_draft}/edit/lessons/order", **{f"place-{n}": "1" for n in range(1, 4)}
    ),
    "incident_translation_page": opens("/incidents/{large_draft}/translate", ("in", "in=fr")),
    "incident_translate": _changes(
        "/incidents/{large_draft}/translate?in=fr",
        title="Une blague",
        summary="Elle est partie.",
        cause="Deux comptes.",
        outcome="Elle est partie.",
    ),
    "check_page": lambda s, r: reads("/check", s, r, *_words(r, "text"), root=""),
    "check_pasted_draft": _drafts,
    "checks_page": opens("/checks", ("verdict", "verdict=stop")),
    "check_receipt_page": opens("/checks/{check}"),
    "check_harmless_page": opens("/checks/{checks}/findings/1/not-a-problem"),
    "check_near_miss_page": opens("/checks/{check}/near-miss"),
    "check_go_ahead": sends("/checks/{check}/override", reason="A joke."),
    "check_rerun": sends("/checks/{check}/rerun", text="", links=""),
    "check_call_harmless": sends("/checks/{checks}/findings/1/not-a-problem", reason="", text="", links=""),
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
    "guard_test": guards,
    "guard_attach": lambda s, r: forms(
        s, "/guards/new/attach", r, {"guard": GUARD, "lesson": str(s.lesson), "lesson_text": ""}
    ),
    "guard_offers_page": opens("/guards/offers"),
    "guard_offer_decide": sends("/guards/{offer_guard}/offers/{offers}", status="declined"),
    "waiting_page": opens("/waiting"),
    "proposal_page": opens("/proposals/{proposal}"),
    "proposal_decide": _in_turn(
        sends("/proposals/{proposals}", step="discard", comment="It was so.", version="1"),
        sends("/proposals/{proposal}", step="none", comment="", version="1"),
    ),
    "incident_review_page": _in_turn(
        opens("/incidents/{large_draft}/review"),
        opens("/incidents/{large}/review"),
        opens("/incidents/{in_review}/review"),
    ),
    "incident_review_decide": _in_turn(
        sends("/incidents/{in_review}/review", step="request_changes", comment="Who did it?", version="1"),
        sends("/incidents/{large_draft}/review", step="none", comment="", version="1"),
    ),
    "incident_withdraw_page": _in_turn(
        opens("/incidents/{large_draft}/withdraw"),
        opens("/incidents/{large}/withdraw"),
    ),
    "incident_withdraw": _changes("/incidents/{in_review}/withdraw", comment="It was filed twice."),
    "incident_reopen": _changes("/incidents/{in_review}/reopen"),
    "sign_in_page": opens("/sign-in", ("next", "next=" + "/a" * 3_000)),
    "sign_in": lambda s, r: forms(s, "/sign-in", r, {"email": s.email, "password": PASSWORD, "next": "/"}),
    "sign_out": _ended("/sign-out"),
    "account_page": opens("/account"),
    "update_account": sends("/account", language="he", time_zone="UTC", version="1"),
    "change_password": sends("/account/password", current_password="x", password="y"),  # noqa: S106 (wrong ones)
    "end_token": sends("/account/tokens/{tokens}/end"),
    "sign_out_elsewhere": sends("/account/sessions/others/end"),
    "users_page": opens("/users", ("cursor", "cursor=abc")),
    "user_add": sends(
        "/users",
        email="nobody@example.com",
        name="Nobody",
        password=PASSWORD,
    ),
    "user_change": sends("/users/{people}", step="close", version="1"),
    "team_page": opens("/teams/main"),
    "team_update": sends("/teams/main", name="Main team", language="en", version="1"),
    "team_member_add": _in_turn(
        sends("/teams/team-0/members", email="person{people}@example.com", role="reader"),
        sends("/teams/main/members", email="nobody@example.com", role="reader"),
    ),
    "team_member_change": sends("/teams/main/members/{people}", role="reader", version="1"),
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
    "check_calendar_file": files,
    "check_calendar_example": opens("/check/calendar/example.csv"),
    "check_calendar_kept_page": opens(
        "/check/calendar/{calendar}", ("verdict", "verdict=stop"), ("last", "page=99")
    ),
    "check_calendar_row_page": opens("/check/calendar/{calendar}/rows/5"),
    "check_calendar_csv": opens("/check/calendar/{calendar}/result.csv"),
    "check_calendar_delete": _deleted_calendar,
    "organization_aliases_page": opens("/organizations/aliases", ("cursor", "cursor=abc")),
    "organization_alias_add": lambda s, r: forms(
        s, "/organizations/aliases", r, {"alias": f"Acme {r.randrange(10**9)}", "organization": "Acme"}
    ),
    "organization_alias_remove": sends("/organizations/aliases/{aliases}/remove"),
    "collections_page": opens("/collections"),
    "collection_page": opens("/collections/public-cases", ("cursor", "cursor=abc")),
    "collection_add_try": sends("/collections/public-cases/add/try"),
    "collection_add": sends("/collections/public-cases/add"),
    "collection_remove_try": sends("/collections/public-cases/remove/try", edited="1"),
    "collection_remove": _removed_collection,
    "collection_file_page": opens("/collections/file/new"),
    "collection_file_try": collection_files("/collections/file/new"),
    "collection_file_add": collection_files("/collections/file/new/add"),
    "imports_page": opens("/imports", ("cursor", "cursor=abc")),
    "import_file": import_files,
    "import_page": opens("/imports/{imported}"),
    "import_confirm": sends("/imports/{imported}/import", skip_invalid="1", again="1"),
    "import_reread": sends("/imports/{imported}/reread", **{"column.0": "summary"}),
    "import_cancel": sends("/imports/{imported}/cancel"),
    "import_restart": sends("/imports/{imported}/restart"),
}
