"""Nasty requests for every endpoint of the API, by the name of its view."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from bench.worst import nasty
from bench.worst.cases import (
    COUNTRIES,
    Calls,
    Generate,
    calendars,
    checks,
    deletes,
    guard,
    guards,
    incident_parts,
    reads,
    rows,
    writes,
)
from bench.worst.collection_cases import puts
from bench.worst.large import encoded, large_texts, large_translation
from bench.worst.query_cases import filters, groups, searches, suggestions, trends
from bench.worst.site import PASSWORD, Call, Site
from kb.config import API_ROOT
from kb.domain.permissions import Scope
from kb.domain.proposal import ProposalStep
from kb.domain.publication import Concern
from kb.domain.workflow import Step

if TYPE_CHECKING:
    import random

_FIRST_VERSION = {"If-Match": '"1"'}


def _bound_lists(name: str, site: Site, rng: random.Random, *queries: tuple[str, str]) -> Calls:
    yield from reads(name, site, rng, ("100", "limit=100"), *queries)


def _incident(site: Site, rest: str = "") -> str:
    return f"/incidents/{site.large}{rest}"


def _filtered(path: str) -> Generate:
    return lambda site, rng: reads(path, site, rng, ("100", "limit=100"), *filters(rng), *groups(rng))


def _batches(path: str, rng: random.Random) -> Calls:
    for label, text in calendars(rng):
        yield Call(label, "POST", f"{API_ROOT}{path}", text.encode(), content_type="text/csv")


def _steps(site: Site, rng: random.Random) -> Calls:
    """Steps of what was handed in, each of another incident."""
    for step in (Step.REQUEST_CHANGES, Step.APPROVE, Step.PUBLISH, Step.WITHDRAW):
        body = encoded({"step": step, "comment": nasty.prose(rng, 500), "acknowledge": [*Concern]})
        path = f"{API_ROOT}/incidents/{rng.choice(site.in_review)}/events"
        yield Call(step, "POST", path, body, headers=_FIRST_VERSION)
    yield Call("the largest, handed in", "POST", f"{API_ROOT}/incidents/{site.large_draft}/events",
               encoded({"step": Step.SUBMIT}))  # fmt: skip


def _decisions(site: Site, rng: random.Random) -> Calls:
    """Decisions about proposals, each about another one."""
    for step in ProposalStep:
        body = encoded({"step": step, "comment": nasty.prose(rng, 500), "acknowledge": [*Concern]})
        path = f"{API_ROOT}/proposals/{rng.choice(site.proposals)}/events"
        yield Call(step, "POST", path, body, headers=_FIRST_VERSION)
    version = site.get(f"/proposals/{site.proposal}")["version"]
    body = encoded({"step": ProposalStep.PUBLISH, "acknowledge": [*Concern]})
    path = f"{API_ROOT}/proposals/{site.proposal}/events"
    yield Call("the largest, published", "POST", path, body, headers={"If-Match": f'"{version}"'})


def _removals(site: Site, rng: random.Random) -> Calls:
    """The largest collection, and one that there is not."""
    largest = max(site.get("/collections")["items"], key=lambda each: each["incidents"])
    yield Call("the largest", "DELETE", f"{API_ROOT}/collections/{largest['key']}")
    yield from deletes("/collections/nothing", site, rng)


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
    "search_csv": lambda s, r: reads("/search.csv", s, r, *searches(r), *filters(r)),
    "suggest": lambda s, r: reads("/suggest", s, r, *suggestions(r)),
    "get_trends": lambda s, r: reads("/trends", s, r, *trends(r), *filters(r), *groups(r)),
    "get_trends_csv": lambda s, r: reads("/trends.csv", s, r, *trends(r)),
    "get_calendar": lambda s, r: reads(
        "/calendar",
        s,
        r,
        ("3 years", f"country={COUNTRIES}&from=2026&to=2028"),
        ("far", "from=2190&to=2192"),
        ("1 year a country", "country=" + ",".join(["IL"] * 50)),
    ),
    "get_calendar_ics": lambda s, r: reads(
        "/calendar.ics", s, r, ("3 years", f"country={COUNTRIES}&from=2026&to=2028")
    ),
    "list_namespaces": lambda s, r: reads("/taxonomy", s, r),
    "get_namespace": lambda s, r: reads("/taxonomy/category", s, r),
    "get_namespace_csv": lambda s, r: reads("/taxonomy/category.csv", s, r),
    "get_metrics": lambda s, r: reads("/metrics", s, r),
    "list_changes": lambda s, r: reads(
        "/changes", s, r, ("1,000", "limit=1000"), ("since", "limit=1000&since=9000")
    ),
    "list_changes_atom": lambda s, r: reads("/changes.atom", s, r, ("100", "limit=100"), *filters(r)),
    "get_template": lambda s, r: reads("/templates/incident", s, r),
    "get_template_markdown": lambda s, r: reads("/templates/incident.md", s, r),
    "list_incidents": _filtered("/incidents"),
    "list_incidents_csv": _filtered("/incidents.csv"),
    "export_incidents": lambda s, r: reads(
        "/export", s, r, ("history", "history=true"), *filters(r), *groups(r)
    ),
    "export_incidents_csv": lambda s, r: reads("/export.csv", s, r, ("labels", "labels=true")),
    "export_incidents_markdown": lambda s, r: reads("/export.zip", s, r),
    "export_incidents_aiid": lambda s, r: reads("/export.aiid.json", s, r),
    "export_incidents_veris": lambda s, r: reads("/export.veris.json", s, r),
    "export_views": lambda s, r: reads("/export.parquet.zip", s, r),
    "get_incident": lambda s, r: reads(_incident(s), s, r, ("lang", "lang=he")),
    "get_incident_by_slug": lambda s, r: reads(
        f"/incidents/by-slug/main/{s.large_slug}", s, r, ("lang", "lang=he")
    ),
    "list_similar": lambda s, r: reads(_incident(s, "/similar"), s, r, ("100", "limit=100")),
    "list_duplicates": lambda s, r: reads(_incident(s, "/duplicates"), s, r),
    "get_completeness": lambda s, r: reads(_incident(s, "/completeness"), s, r),
    "list_comments": lambda s, r: _bound_lists(_incident(s, "/comments"), s, r),
    "get_comment": lambda s, r: reads(_incident(s, f"/comments/{s.comment}"), s, r),
    "create_comment": lambda s, r: writes(
        "POST",
        _incident(s, "/comments"),
        r,
        {"text": nasty.prose(r, 5_000), "about": "title", "internal": True},
    ),
    "update_comment": lambda s, r: writes(
        "PATCH", _incident(s, f"/comments/{s.comment}"), r, {"resolved": True}
    ),
    "list_revisions": lambda s, r: _bound_lists(_incident(s, "/revisions"), s, r),
    "get_revision": lambda s, r: reads(_incident(s, "/revisions/3"), s, r),
    "get_diff": lambda s, r: reads(
        _incident(s, "/diff"), s, r, ("first and last", "from=1&to=3"), ("last two", "from=2&to=3")
    ),
    "list_events": lambda s, r: _bound_lists(_incident(s, "/events"), s, r),
    "list_proposals": lambda s, r: _bound_lists("/proposals", s, r),
    "list_incident_proposals": lambda s, r: _bound_lists(_incident(s, "/proposals"), s, r),
    "get_proposal": lambda s, r: reads(f"/proposals/{s.proposal}", s, r),
    "list_actions": lambda s, r: _bound_lists("/actions", s, r, ("overdue", "overdue=true&limit=100")),
    "list_incident_actions": lambda s, r: _bound_lists(_incident(s, "/actions"), s, r),
    "get_action": lambda s, r: reads(f"/actions/{s.action}", s, r),
    "get_effectiveness": lambda s, r: reads(_incident(s, "/effectiveness"), s, r),
    "create_check": lambda s, r: writes(
        "POST", "/checks", r, {"text": "Hello", "links": [], "audience": "", "suppress": []}, *checks(r)
    ),
    "list_guards": lambda s, r: reads("/guards", s, r),
    "backtest_guards": lambda s, r: writes("POST", "/guards/backtest", r, {"guards": []}, *guards(r)),
    "check_batch": lambda s, r: writes("POST", "/checks/batch", r, {"text": ""}, *rows(r)),
    "check_batch_csv": lambda s, r: _batches("/checks/batch.csv", r),
    "list_checks_csv": lambda s, r: reads("/checks.csv", s, r),
    "list_checks": lambda s, r: _bound_lists(
        "/checks", s, r, ("filters", "verdict=stop&platform=twitter&account=x")
    ),
    "get_check_counts": lambda s, r: reads(
        "/checks/trends",
        s,
        r,
        ("by day", "interval=day&from=1900&to=2100"),
        ("10 years by day", "interval=day&from=2016&to=2026"),
    ),
    "get_check": lambda s, r: reads(f"/checks/{s.check}", s, r),
    "override_check": lambda s, r: writes(
        "POST", f"/checks/{r.choice(s.checks)}/override", r, {"reason": "It is a quotation."}
    ),
    "rerun_check": lambda s, r: writes(
        "POST", f"/checks/{s.check}/rerun", r, {}, ("another text", {"text": "x" * 50_000})
    ),
    "call_harmless": lambda s, r: writes(
        "POST", f"/checks/{r.choice(s.checks)}/findings/1/not-a-problem", r, {"reason": "It is."}
    ),
    "get_guard_suggestion": lambda s, r: reads(_incident(s, "/guard-suggestion"), s, r),
    "list_offers": lambda s, r: _bound_lists("/guards/unfinished-text/offers", s, r),
    "list_offers_yaml": lambda s, r: _bound_lists("/guards/unfinished-text/offers.yaml", s, r),
    "decide_offer": lambda s, r: writes(
        "POST",
        "/guards/{offer_guard}/offers/{offers}/decision".format_map(s.pick(r)),
        r,
        {"status": "accepted", "guard": guard()},
    ),
    "create_near_miss": lambda s, r: writes(
        "POST",
        f"/checks/{r.choice(s.checks)}/near-miss",
        r,
        {"organization": "Acme", "category": "offensive", "summary": nasty.prose(r, 20_000)},
    ),
    "create_incident": lambda s, r: writes(
        "POST",
        "/incidents",
        r,
        {
            "title": "A draft",
            "organization": "Acme",
            "category": "offensive",
            "tags": [],
            "lessons": [],
            "sources": [],
            "occurred_on": None,
            "language": "en",
        },
        *incident_parts(r),
    ),
    "update_incident": lambda s, r: writes(
        "PATCH",
        f"/incidents/{s.draft}",
        r,
        {"title": "Another title", "lessons": [], "themes": []},
        *incident_parts(r),
    ),
    "put_translation": lambda s, r: writes(
        "PUT",
        _incident(s, "/translations/he"),
        r,
        large_translation(r, 18),  # as long as all texts together leave it
    ),
    "restore_revision": lambda s, r: writes("POST", _incident(s, "/revisions/1/restore"), r, {}),
    "create_event": lambda s, r: chain(
        _steps(s, r),
        writes(
            "POST", f"/incidents/{s.draft}/events", r, {"step": "submit", "comment": "", "acknowledge": []}
        ),
    ),
    "update_proposal": lambda s, r: writes(
        "PATCH",
        f"/proposals/{s.proposal}",
        r,
        {"title": "Another title", "keep": []},
        ("the largest texts", large_texts(r)),
    ),
    "create_proposal_event": lambda s, r: chain(
        _decisions(s, r),
        writes("POST", f"/proposals/{s.proposal}/events", r, {"step": "none", "comment": ""}),
    ),
    "withdraw_incident": lambda s, r: deletes("/incidents/{in_review}", s, r),
    "mark_duplicate": lambda s, r: writes(
        "POST",
        "/incidents/{in_review}/duplicate-of/{large}".format_map(s.pick(r)),
        r,
        {"take_over": []},
    ),
    "mark_distinct": lambda s, r: writes("PUT", _incident(s, f"/distinct-from/{s.draft}"), r, {}),
    "unmark_distinct": lambda s, r: deletes(_incident(s, f"/distinct-from/{s.draft}"), s, r),
    "create_action": lambda s, r: writes(
        "POST", _incident(s, "/actions"), r, {"title": "Write a checklist", "owner": "Dana"}
    ),
    "update_action": lambda s, r: writes("PATCH", f"/actions/{s.action}", r, {"status": "done"}),
    "list_audit": lambda s, r: _bound_lists("/audit", s, r),
    "get_me": lambda s, r: reads("/me", s, r),
    "update_me": lambda s, r: writes("PATCH", "/me", r, {"time_zone": "Asia/Jerusalem", "language": "he"}),
    "delete_session": lambda s, r: iter(
        [
            Call(
                "plain",
                "DELETE",
                f"{API_ROOT}/sessions/current",
                headers={"Authorization": f"Bearer {s.new_token()}"},
            )
        ]
    ),
    "delete_other_sessions": lambda s, r: deletes("/sessions/others", s, r),
    "list_tokens": lambda s, r: _bound_lists("/tokens", s, r),
    "create_token": lambda s, r: writes(
        "POST", "/tokens", r, {"name": "mine", "scopes": [Scope.READ.value], "days": 1}
    ),
    "revoke_token": lambda s, r: deletes("/tokens/{tokens}", s, r),
    "list_organization_aliases": lambda s, r: _bound_lists(
        "/organizations/aliases", s, r, ("100", "limit=100"), ("of one", "organization=Acme, Inc.")
    ),
    "create_organization_alias": lambda s, r: writes(
        "POST", "/organizations/aliases", r, {"alias": nasty.prose(r, 190), "organization": "Acme"}
    ),
    "get_organization_alias": lambda s, r: reads(
        "/organizations/aliases/{aliases}".format_map(s.pick(r)), s, r
    ),
    "update_organization_alias": lambda s, r: writes(
        "PATCH", "/organizations/aliases/{aliases}".format_map(s.pick(r)), r, {"organization": "Foo"}
    ),
    "remove_organization_alias": lambda s, r: deletes("/organizations/aliases/{aliases}", s, r),
    "list_imports": lambda s, r: _bound_lists("/import", s, r),
    "create_import": lambda s, r: writes("POST", "/import?team=main&dry_run=true", r, {"title": "x"}),
    "get_import": lambda s, r: reads(f"/import/{s.imported}", s, r),
    "cancel_import": lambda s, r: deletes("/import/{imported}", s, r),
    "restart_import": lambda s, r: writes("POST", f"/import/{s.imported}/restart", r, {}),
    "list_collections": lambda s, r: reads("/collections", s, r),
    "get_collection": lambda s, r: reads("/collections/public-cases", s, r),
    "add_collection": lambda s, r: writes("POST", "/collections?dry_run=true", r, {"key": "public-cases"}),
    "put_collection": lambda _, r: puts("own", r),
    "remove_collection": _removals,
    "list_teams": lambda s, r: reads("/teams", s, r),
    "get_team": lambda s, r: reads("/teams/main", s, r),
    "create_team": lambda s, r: writes(
        "POST", "/teams", r, {"key": f"team-{r.randrange(10**9)}", "name": "North"}
    ),
    "update_team": lambda s, r: writes("PATCH", "/teams/main", r, {"name": "Main"}),
    "list_members": lambda s, r: _bound_lists("/teams/main/members", s, r),
    "put_member": lambda s, r: writes(
        "PUT", "/teams/main/members/{people}".format_map(s.pick(r)), r, {"role": "reader"}
    ),
    "remove_member": lambda s, r: deletes("/teams/main/members/{people}", s, r),
    "list_users": lambda s, r: _bound_lists("/users", s, r),
    "create_user": lambda s, r: writes(
        "POST",
        "/users",
        r,
        {
            "email": f"u{r.randrange(10**9)}@example.com",
            "name": "A user",
            "time_zone": "UTC",
            "password": PASSWORD,
        },
    ),
    "get_user": lambda s, r: reads(f"/users/{s.user}", s, r),
    "update_user": lambda s, r: writes(
        "PATCH",
        "/users/{people}".format_map(s.pick(r)),
        r,
        {"language": "he", "name": f"Person {r.random()}"},
    ),
}
