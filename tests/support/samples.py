"""A request for each endpoint, as somebody would send it who may: for tests that walk all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from werkzeug.test import TestResponse

from tests.support.api import Api
from tests.support.incidents import HEBREW, incident

Request = tuple[str, str, dict[str, Any] | None]
"""Method, path and body."""


@dataclass
class World:
    """What requests are about: incidents of the team `north`, made by an administrator as they are needed."""

    admin: Api
    status: str = "draft"
    visibility: str = "organization"
    text: dict[str, Any] = field(default_factory=dict)
    numbers: Any = field(default_factory=count)

    def number(self) -> int:
        """One that was not given before."""
        return next(self.numbers)

    def incident(self, **changes: Any) -> str:
        """The path of a new incident."""
        body = {"team": "north", "status": self.status, "visibility": self.visibility, **self.text, **changes}
        return f"/incidents/{self.admin.file(**body)['id']}"

    def public(self) -> str:
        """The path of one that everybody sees, unless all are to be hidden."""
        return self.incident(**({} if self.text else {"status": "published"}))

    def comment(self, caller: Api) -> str:
        """The path of a comment, by the caller if possible."""
        path = self.public()
        body = {"text": self.text.get("title", "Is this so?")}
        found = caller.post(f"{path}/comments", body)
        if found.status_code != 201:
            found = self.admin.post(f"{path}/comments", body)
        return f"{path}/comments/{found.get_json()['id']}"

    def action(self) -> str:
        """The path of a follow-up action."""
        body = {"title": self.text.get("title", "Write a checklist"), "owner": self.text.get("title", "Dana")}
        return f"/actions/{self.admin.post(f'{self.incident()}/actions', body).get_json()['id']}"

    def token(self) -> str:
        """The path of a token of the team's."""
        body = {"name": f"bot {self.number()}", "team": "north", "role": "reader"}
        return f"/tokens/{self.admin.post('/tokens', body).get_json()['id']}"

    def user(self) -> dict[str, Any]:
        """A new user."""
        number = self.number()
        body = {"email": f"user{number}@example.com", "name": f"User {number}"}
        found: dict[str, Any] = self.admin.post("/users", body).get_json()
        return found

    def member(self) -> str:
        """The path of a member."""
        path = f"/teams/north/members/{self.user()['id']}"
        assert self.admin.put(path, {"role": "reader"}).status_code == 201
        return path


SAMPLES: dict[str, Callable[[World, Api], Request]] = {
    "get_live": lambda w, c: ("GET", "/health/live", None),
    "get_ready": lambda w, c: ("GET", "/health/ready", None),
    "search": lambda w, c: ("GET", "/search?q=placeholder&facets=category,platform&explain=true", None),
    "suggest": lambda w, c: ("GET", "/suggest?q=mc", None),
    "get_trends": lambda w, c: ("GET", "/trends?group_by=organization", None),
    "list_namespaces": lambda w, c: ("GET", "/taxonomy", None),
    "get_namespace": lambda w, c: ("GET", "/taxonomy/category", None),
    "list_changes": lambda w, c: ("GET", "/changes?limit=1000", None),
    "get_template": lambda w, c: ("GET", "/templates/incident?lang=he", None),
    "list_incidents": lambda w, c: ("GET", "/incidents?limit=100", None),
    "get_incident": lambda w, c: ("GET", w.public(), None),
    "list_similar": lambda w, c: ("GET", f"{w.public()}/similar", None),
    "list_duplicates": lambda w, c: ("GET", f"{w.public()}/duplicates", None),
    "get_completeness": lambda w, c: ("GET", f"{w.public()}/completeness", None),
    "list_comments": lambda w, c: ("GET", f"{w.public()}/comments", None),
    "get_comment": lambda w, c: ("GET", w.comment(c), None),
    "create_comment": lambda w, c: ("POST", f"{w.public()}/comments", {"text": "Is this so?"}),
    "update_comment": lambda w, c: ("PATCH", w.comment(c), {"resolved": True}),
    "list_revisions": lambda w, c: ("GET", f"{w.public()}/revisions", None),
    "get_revision": lambda w, c: ("GET", f"{w.incident()}/revisions/1", None),
    "get_diff": lambda w, c: ("GET", f"{w.incident()}/diff?from=1&to=1", None),
    "list_events": lambda w, c: ("GET", f"{w.incident()}/events", None),
    "list_actions": lambda w, c: ("GET", "/actions", None),
    "list_incident_actions": lambda w, c: ("GET", f"{w.incident()}/actions", None),
    "get_action": lambda w, c: ("GET", w.action(), None),
    "get_effectiveness": lambda w, c: ("GET", f"{w.incident()}/effectiveness", None),
    "create_incident": lambda w, c: ("POST", "/incidents", incident(team="north")),
    "update_incident": lambda w, c: ("PATCH", w.incident(), {"severity": 2}),
    "put_translation": lambda w, c: ("PUT", f"{w.incident()}/translations/he", HEBREW),
    "restore_revision": lambda w, c: ("POST", f"{w.incident()}/revisions/1/restore", {}),
    "create_event": lambda w, c: ("POST", f"{w.incident()}/events", {"step": "submit"}),
    "withdraw_incident": lambda w, c: ("DELETE", w.incident(), None),
    "mark_duplicate": lambda w, c: ("POST", f"{w.incident()}/duplicate-of/1", {}),
    "create_action": lambda w, c: ("POST", f"{w.incident()}/actions", {"title": "Write a checklist"}),
    "update_action": lambda w, c: ("PATCH", w.action(), {"status": "done"}),
    "list_audit": lambda w, c: ("GET", "/audit", None),
    "get_me": lambda w, c: ("GET", "/me", None),
    "update_me": lambda w, c: ("PATCH", "/me", {"time_zone": "Asia/Jerusalem"}),
    "list_tokens": lambda w, c: ("GET", "/tokens", None),
    "create_token": lambda w, c: ("POST", "/tokens", {"name": "mine"}),
    "revoke_token": lambda w, c: ("DELETE", w.token(), None),
    "list_teams": lambda w, c: ("GET", "/teams", None),
    "get_team": lambda w, c: ("GET", "/teams/north", None),
    "create_team": lambda w, c: ("POST", "/teams", {"key": f"team-{w.number()}"}),
    "update_team": lambda w, c: ("PATCH", "/teams/north", {"name": "North"}),
    "list_members": lambda w, c: ("GET", "/teams/north/members", None),
    "put_member": lambda w, c: ("PUT", f"/teams/north/members/{w.user()['email']}", {"role": "reader"}),
    "remove_member": lambda w, c: ("DELETE", w.member(), None),
    "list_users": lambda w, c: ("GET", "/users", None),
    "create_user": lambda w, c: (
        "POST", "/users", {"email": f"new{(n := w.number())}@example.com", "name": f"New {n}"},
    ),
    "get_user": lambda w, c: ("GET", f"/users/{w.user()['id']}", None),
    "update_user": lambda w, c: ("PATCH", f"/users/{w.user()['id']}", {"language": "he"}),
}  # fmt: skip


def send(caller: Api, request: Request, **headers: str) -> TestResponse:
    """Send a request, as of whatever version is current."""
    method, path, body = request
    options: dict[str, Any] = {} if body is None else {"json": body}
    return caller.request(method, path, headers={"If-Match": "*", **headers}, **options)
