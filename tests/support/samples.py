"""A valid request for every endpoint, for tests that walk all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.support.api import Api
from tests.support.checks import TEXT, store_check
from tests.support.imports import ended, interrupt, lines, send, wait_until_ended
from tests.support.incidents import HEBREW, incident

Request = tuple[str, str, Any]
"""Method, path and body: an object or array of JSON, a text of CSV, or None."""


@dataclass
class SampleData:
    """Incidents, tokens and users of the team `north`, created by an administrator on demand."""

    admin: Api
    status: str = "draft"
    visibility: str = "organization"
    text: dict[str, Any] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    _kept: dict[str, str] = field(default_factory=dict)

    def number(self) -> int:
        """A number that was not used before."""
        return next(self.numbers)

    def incident(self, **changes: Any) -> str:
        """The path of a new incident."""
        body = {"team": "north", "status": self.status, "visibility": self.visibility, **self.text, **changes}
        return f"/incidents/{self.admin.file(**body)['id']}"

    def kept(self) -> str:
        """The path of an incident that no request changes."""
        return self._kept.get("kept") or self._kept.setdefault("kept", self.incident())

    def public(self) -> str:
        """The path of a published incident, to be commented on; of a hidden one when `text` is set."""
        if self.text:
            return self.kept()
        return self._kept.get("public") or self._kept.setdefault("public", self.incident(status="published"))

    def by_slug(self, path: str) -> str:
        """The path of an incident by its slug."""
        return f"/incidents/by-slug/north/{self.admin.get(path).get_json()['slug']}"

    def comment(self, caller: Api) -> str:
        """The path of a comment, by the caller where permitted, else by the administrator."""
        path = self.public()
        body = {"text": self.text.get("title", "Is this so?")}
        response = caller.post(f"{path}/comments", body)
        if response.status_code != 201:
            response = self.admin.post(f"{path}/comments", body)
        return f"{path}/comments/{response.get_json()['id']}"

    def proposal(self) -> str:
        """The path of a new proposal, which a contributor's change of something published becomes."""
        visibility = "team" if self.text else "organization"
        path = self.incident(status="published", visibility=visibility)
        body = {"name": f"contributor {self.number()}", "team": "north", "role": "contributor"}
        secret = self.admin.post("/tokens", body).get_json()["secret"]
        contributor = Api(self.admin.client, self.admin.contract, secret)
        change = {"why_failure": self.text.get("title", "It hurt.")}
        response = contributor.patch(path, change, If_Match="*")
        assert response.status_code == 202, response.text
        return f"/proposals/{response.get_json()['id']}"

    def action(self) -> str:
        """The path of a new follow-up action."""
        body = {"title": self.text.get("title", "Write a checklist"), "owner": self.text.get("title", "Dana")}
        return f"/actions/{self.admin.post(f'{self.kept()}/actions', body).get_json()['id']}"

    def check(self, caller: Api) -> str:
        """The path of a check with a finding, by the caller where signed in, else by the administrator."""
        text = self.text.get("title", TEXT)
        options: dict[str, Any] = {"text": text, "keep_text": True, "organization": "Acme"}
        passages = {f"lesson:{self.lesson()}": text[:4]}
        number = store_check(caller, passages, **options) or store_check(self.admin, passages, **options)
        return f"/checks/{number}"

    def offer(self) -> str:
        """The path of an example that is offered to the guard of a lesson."""
        guard = f"lesson:{self.lesson(self.incident())}"
        number = store_check(self.admin, {guard: TEXT[:4]}, keep_text=True)
        offer = self.admin.post(f"/checks/{number}/findings/1/not-a-problem", {}).get_json()
        return f"/guards/{guard}/offers/{offer['id']}"

    def lesson(self, path: str = "") -> int:
        """The id of the lesson of an incident; by default of the one that no request changes."""
        lesson_id: int = self.admin.get(path or self.kept()).get_json()["lessons"][0]["id"]
        return lesson_id

    def token(self) -> str:
        """The path of a new team token."""
        body = {"name": f"bot {self.number()}", "team": "north", "role": "reader"}
        return f"/tokens/{self.admin.post('/tokens', body).get_json()['id']}"

    def user(self) -> dict[str, Any]:
        """A new user."""
        number = self.number()
        body = {"email": f"user{number}@example.com", "name": f"User {number}"}
        user: dict[str, Any] = self.admin.post("/users", body).get_json()
        return user

    def collection(self) -> str:
        """The path of a new collection."""
        path = f"/collections/sample-{self.number()}"
        assert self.admin.put(path, COLLECTION).status_code == 201
        return path

    def import_job(self) -> str:
        """The path of an import that has ended."""
        self.wait_for_imports()
        job = ended(self.admin, send(self.admin, lines(self.imported()), team="north"))
        return f"/import/{job['id']}"

    def imported(self) -> dict[str, Any]:
        """An incident that no other file has."""
        return {**incident(external_id=f"imported-{self.number()}"), **self.text}

    def wait_for_imports(self) -> None:
        """Wait until the team may send another file."""
        for job in self.admin.get("/import").get_json()["items"]:
            wait_until_ended(self.admin, job)

    def next_import(self) -> Request:
        """A request that imports a file of one incident."""
        self.wait_for_imports()
        return "POST", "/import?team=north", self.imported()

    def interrupted_import(self) -> str:
        """The path of an import whose process has died."""
        path = self.import_job()
        interrupt(self.admin.client.application, int(path.rpartition("/")[2]))
        return path

    def alias(self) -> str:
        """The path of a new alias of an organization."""
        body = {"alias": f"Alias {self.number()}", "organization": "Acme"}
        return f"/organizations/aliases/{self.admin.post('/organizations/aliases', body).get_json()['id']}"

    def member(self) -> str:
        """The path of a new member of the team."""
        path = f"/teams/north/members/{self.user()['id']}"
        assert self.admin.put(path, {"role": "reader"}).status_code == 201
        return path


COLLECTION = {
    "title": {"en": "Examples"},
    "version": "1",
    "license": "CC BY 4.0",
    "contact": "editor@example.com",
    "incidents": [
        {
            "slug": "acme-draft",
            "language": "en",
            "organization": "Acme",
            "title": "A draft goes out",
            "category": "internal-communication",
            "occurred_on": "2020-05",
            "summary": "A draft was posted.",
            "cause": "Nobody looked twice.",
            "outcome": "It was deleted.",
            "lessons": [{"text": "Look twice."}],
        }
    ],
}
"""A collection of one incident."""

GUARD = {
    "type": "phrase",
    "severity": "caution",
    "message": {"en": "We do not say this: {text}"},
    "parameters": {"phrases": ["dirt cheap"]},
    "examples": {"bad": [{"text": "Dirt cheap boots"}], "good": [{"text": "Boots"}]},
}
"""A guard that fails no example of its own."""

SAMPLE_REQUESTS: dict[str, Callable[[SampleData, Api], Request]] = {
    "get_live": lambda data, _: ("GET", "/health/live", None),
    "get_ready": lambda data, _: ("GET", "/health/ready", None),
    "search": lambda data, _: ("GET", "/search?q=placeholder&facets=category,platform&explain=true", None),
    "suggest": lambda data, _: ("GET", "/suggest?q=mc", None),
    "get_trends": lambda data, _: ("GET", "/trends?group_by=organization", None),
    "get_trends_csv": lambda data, _: ("GET", "/trends.csv?group_by=organization", None),
    "get_calendar": lambda data, _: ("GET", "/calendar?country=IL&from=2026&to=2028", None),
    "get_calendar_ics": lambda data, _: ("GET", "/calendar.ics?country=IL&from=2026&to=2028", None),
    "list_namespaces": lambda data, _: ("GET", "/taxonomy", None),
    "get_namespace": lambda data, _: ("GET", "/taxonomy/category", None),
    "get_namespace_csv": lambda data, _: ("GET", "/taxonomy/category.csv", None),
    "list_changes": lambda data, _: ("GET", "/changes?limit=1000", None),
    "list_changes_atom": lambda data, _: ("GET", "/changes.atom?limit=100", None),
    "get_template": lambda data, _: ("GET", "/templates/incident?lang=he", None),
    "get_template_markdown": lambda data, _: ("GET", "/templates/incident.md?lang=he", None),
    "list_incidents": lambda data, _: ("GET", "/incidents?limit=100", None),
    "list_incidents_csv": lambda data, _: ("GET", "/incidents.csv?limit=100", None),
    "export_incidents": lambda data, _: ("GET", "/export", None),
    "export_incidents_csv": lambda data, _: ("GET", "/export.csv?table=lessons", None),
    "export_incidents_markdown": lambda data, _: ("GET", "/export.zip", None),
    "export_incidents_aiid": lambda data, _: ("GET", "/export.aiid.json", None),
    "export_incidents_veris": lambda data, _: ("GET", "/export.veris.json", None),
    "export_views": lambda data, _: ("GET", "/export.parquet.zip", None),
    "get_incident": lambda data, _: ("GET", data.public(), None),
    "get_incident_by_slug": lambda data, _: ("GET", data.by_slug(data.public()), None),
    "list_similar": lambda data, _: ("GET", f"{data.public()}/similar", None),
    "list_duplicates": lambda data, _: ("GET", f"{data.public()}/duplicates", None),
    "get_completeness": lambda data, _: ("GET", f"{data.public()}/completeness", None),
    "list_comments": lambda data, _: ("GET", f"{data.public()}/comments", None),
    "get_comment": lambda data, c: ("GET", data.comment(c), None),
    "create_comment": lambda data, _: ("POST", f"{data.public()}/comments", {"text": "Is this so?"}),
    "update_comment": lambda data, c: ("PATCH", data.comment(c), {"resolved": True}),
    "list_revisions": lambda data, _: ("GET", f"{data.public()}/revisions", None),
    "get_revision": lambda data, _: ("GET", f"{data.kept()}/revisions/1", None),
    "get_diff": lambda data, _: ("GET", f"{data.kept()}/diff?from=1&to=1", None),
    "list_events": lambda data, _: ("GET", f"{data.kept()}/events", None),
    "list_proposals": lambda data, _: ("GET", "/proposals", None),
    "list_incident_proposals": lambda data, _: ("GET", f"{data.public()}/proposals", None),
    "get_proposal": lambda data, _: ("GET", data.proposal(), None),
    "update_proposal": lambda data, _: ("PATCH", data.proposal(), {"severity": 3}),
    "create_proposal_event": lambda data, _: ("POST", f"{data.proposal()}/events", {"step": "discard"}),
    "list_actions": lambda data, _: ("GET", "/actions", None),
    "list_incident_actions": lambda data, _: ("GET", f"{data.kept()}/actions", None),
    "get_action": lambda data, _: ("GET", data.action(), None),
    "get_effectiveness": lambda data, _: ("GET", f"{data.kept()}/effectiveness", None),
    "search_csv": lambda data, _: ("GET", "/search.csv?q=placeholder", None),
    "list_checks_csv": lambda data, _: ("GET", "/checks.csv", None),
    "list_checks": lambda data, _: ("GET", "/checks", None),
    "get_check_counts": lambda data, _: ("GET", "/checks/trends?interval=none", None),
    "get_check": lambda data, c: ("GET", data.check(c), None),
    "override_check": lambda data, c: ("POST", f"{data.check(c)}/override", {"reason": "It is a quotation."}),
    "rerun_check": lambda data, c: ("POST", f"{data.check(c)}/rerun", {}),
    "call_harmless": lambda data, c: ("POST", f"{data.check(c)}/findings/1/not-a-problem", {}),
    "create_near_miss": lambda data, c: ("POST", f"{data.check(c)}/near-miss", {}),
    "get_guard_suggestion": lambda data, _: ("GET", f"{data.kept()}/guard-suggestion", None),
    "list_offers": lambda data, _: ("GET", f"/guards/lesson:{data.lesson()}/offers", None),
    "list_offers_yaml": lambda data, _: ("GET", f"/guards/lesson:{data.lesson()}/offers.yaml", None),
    "decide_offer": lambda data, _: ("POST", f"{data.offer()}/decision", {"status": "declined"}),
    "create_check": lambda data, _: ("POST", "/checks", {"text": TEXT, "keep_text": True}),
    "list_guards": lambda data, _: ("GET", "/guards", None),
    "backtest_guards": lambda data, _: ("POST", "/guards/backtest", {"guards": [GUARD]}),
    "check_batch": lambda data, _: ("POST", "/checks/batch", [{"text": "Good morning"}]),
    "check_batch_csv": lambda data, _: ("POST", "/checks/batch.csv", "text\nGood morning\n"),
    "create_incident": lambda data, _: ("POST", "/incidents", incident(team="north")),
    "update_incident": lambda data, _: ("PATCH", data.incident(), {"severity": 2}),
    "put_translation": lambda data, _: ("PUT", f"{data.incident()}/translations/he", HEBREW),
    "restore_revision": lambda data, _: ("POST", f"{data.incident()}/revisions/1/restore", {}),
    "create_event": lambda data, _: ("POST", f"{data.incident()}/events", {"step": "submit"}),
    "withdraw_incident": lambda data, _: ("DELETE", data.incident(), None),
    "mark_duplicate": lambda data, _: ("POST", f"{data.incident()}/duplicate-of/1", {}),
    "mark_distinct": lambda data, _: ("PUT", f"{data.incident()}/distinct-from/1", None),
    "unmark_distinct": lambda data, _: ("DELETE", f"{data.incident()}/distinct-from/1", None),
    "create_action": lambda data, _: ("POST", f"{data.kept()}/actions", {"title": "Write a checklist"}),
    "update_action": lambda data, _: ("PATCH", data.action(), {"status": "done"}),
    "get_metrics": lambda data, _: ("GET", "/metrics", None),
    "list_audit": lambda data, _: ("GET", "/audit", None),
    "get_me": lambda data, _: ("GET", "/me", None),
    "update_me": lambda data, _: ("PATCH", "/me", {"time_zone": "Asia/Jerusalem"}),
    "list_tokens": lambda data, _: ("GET", "/tokens", None),
    "create_token": lambda data, _: ("POST", "/tokens", {"name": "mine"}),
    "delete_other_sessions": lambda data, _: ("DELETE", "/sessions/others", None),
    "revoke_token": lambda data, _: ("DELETE", data.token(), None),
    "list_imports": lambda data, _: ("GET", "/import", None),
    "create_import": lambda data, _: data.next_import(),
    "get_import": lambda data, _: ("GET", data.import_job(), None),
    "cancel_import": lambda data, _: ("DELETE", data.interrupted_import(), None),
    "restart_import": lambda data, _: ("POST", f"{data.interrupted_import()}/restart", None),
    "list_collections": lambda data, _: ("GET", "/collections", None),
    "get_collection": lambda data, _: ("GET", "/collections/public-cases", None),
    "add_collection": lambda data, _: ("POST", "/collections?dry_run=true", {"key": "public-cases"}),
    "put_collection": lambda data, _: ("PUT", f"/collections/examples-{data.number()}", COLLECTION),
    "remove_collection": lambda data, _: ("DELETE", data.collection(), None),
    "list_organization_aliases": lambda data, _: ("GET", "/organizations/aliases", None),
    "create_organization_alias": lambda data, _: (
        "POST", "/organizations/aliases", {"alias": f"Other {data.number()}", "organization": "Acme"},
    ),
    "get_organization_alias": lambda data, _: ("GET", data.alias(), None),
    "update_organization_alias": lambda data, _: ("PATCH", data.alias(), {"organization": "Foo"}),
    "remove_organization_alias": lambda data, _: ("DELETE", data.alias(), None),
    "list_teams": lambda data, _: ("GET", "/teams", None),
    "get_team": lambda data, _: ("GET", "/teams/north", None),
    "create_team": lambda data, _: ("POST", "/teams", {"key": f"team-{data.number()}"}),
    "update_team": lambda data, _: ("PATCH", "/teams/north", {"name": "North"}),
    "list_members": lambda data, _: ("GET", "/teams/north/members", None),
    "put_member": lambda data, _: ("PUT", f"/teams/north/members/{data.user()['email']}", {"role": "reader"}),
    "remove_member": lambda data, _: ("DELETE", data.member(), None),
    "list_users": lambda data, _: ("GET", "/users", None),
    "create_user": lambda data, _: (
        "POST", "/users", {"email": f"new{(n := data.number())}@example.com", "name": f"New {n}"},
    ),
    "get_user": lambda data, _: ("GET", f"/users/{data.user()['id']}", None),
    "update_user": lambda data, _: ("PATCH", f"/users/{data.user()['id']}", {"language": "he"}),
}  # fmt: skip


def names_of(app: Flask, method: str) -> list[str]:
    """The endpoints that are called by a method. Making the samples of all others takes most of the time."""
    methods = {rule.endpoint.rpartition(".")[2]: rule.methods or () for rule in app.url_map.iter_rules()}
    return [name for name in SAMPLE_REQUESTS if method in methods[name]]


def send_request(caller: Api, request: Request, **headers: str) -> TestResponse:
    """Send a request with `If-Match: *`, so that it applies to the current version."""
    method, path, body = request
    options: dict[str, Any] = {} if body is None else {"json": body}
    if isinstance(body, str):
        options = {"data": body.encode(), "content_type": "text/csv"}
    return caller.request(method, path, headers={"If-Match": "*", **headers}, **options)


LADDER_GUARD = {
    "type": "phrase",
    "severity": "stop",
    "message": {"en": "This is unfinished: {text}"},
    "parameters": {"phrases": ["borrowed ladder"]},
    "examples": {"bad": [{"text": "A borrowed ladder"}], "good": [{"text": "A new ladder"}]},
}
"""A guard on words of its own, for a lesson."""
