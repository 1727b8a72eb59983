"""Hidden incidents full of a word that occurs nowhere else, to see whether anything reveals it."""

from __future__ import annotations

from typing import Any

from tests.support.api import Api
from tests.support.checks import store_check
from tests.support.incidents import lesson_guard

CANARY = "zqcanary"
SOURCE = f"https://example.com/{CANARY}"
HIDDEN: dict[str, Any] = {
    "title": f"{CANARY} title",
    "summary": f"{CANARY} summary",
    "cause": f"{CANARY} cause",
    "outcome": f"{CANARY} outcome",
    "why_failure": f"{CANARY} why",
    "alternative": f"{CANARY} alternative",
    "audience": f"{CANARY} audience",
    "severity_evidence": f"{CANARY} evidence",
    "organization": f"{CANARY} Ltd",
    "tags": [f"{CANARY} tag"],
    "slug": f"{CANARY}-slug",
    "industry": "gaming",
    "language": "en",
    "occurred_on": "2011-01-01",
    "comment": f"{CANARY} comment",
    "sources": [{"title": f"{CANARY} source", "url": SOURCE}],
    "lessons": [{"text": f"{CANARY} lesson"}],
}

GUARD = lesson_guard(
    message={"en": f"{CANARY} note: {{text}}"},
    parameters={"phrases": [CANARY]},
    examples={"bad": [{"text": f"{CANARY} sale"}], "good": [{"text": "A sale."}]},
)

STATES = [
    {"status": "draft"},
    {"status": "in_review"},
    {"status": "published", "visibility": "team"},
]


def hide_everything(admin: Api) -> list[int]:
    """Let an administrator of the team `north` file hidden incidents, with all that belongs to them.

    Returns their ids.
    """
    text = {**HIDDEN, "lessons": [{"text": f"{CANARY} lesson", "guard": GUARD}]}
    ids = [
        admin.file(**{**text, "slug": f"{CANARY}-{number}"}, team="north", **state)["id"]
        for number, state in enumerate(STATES)
    ]
    withdrawn = admin.file(**HIDDEN, team="north")["id"]
    ids.append(withdrawn)
    for incident_id in ids:
        path = f"/incidents/{incident_id}"
        said = {"text": f"{CANARY} remark", "internal": True}
        assert admin.post(f"{path}/comments", said).status_code == 201
        due = {"title": f"{CANARY} action", "owner": f"{CANARY} title", "due_on": "2020-01-01"}
        assert admin.post(f"{path}/actions", due).status_code == 201
    assert admin.delete(f"/incidents/{withdrawn}", If_Match="*").status_code == 204
    # So does what is proposed for a public one.
    token = admin.post("/tokens", {"name": "proposer", "team": "main", "role": "contributor"}).get_json()
    proposer = Api(admin.client, admin.contract, token["secret"])
    proposed = {name: HIDDEN[name] for name in HIDDEN.keys() - {"language", "slug", "occurred_on"}}
    change = proposer.patch("/incidents/1", proposed, If_Match="*")
    assert change.status_code == 202, change.text
    said = {"text": f"{CANARY} remark", "proposal": change.get_json()["id"]}
    assert proposer.post("/incidents/1/comments", said).status_code == 201
    stored: dict[str, Any] = {"text": f"{CANARY} post", "account": f"@{CANARY}", "keep_text": True}
    assert store_check(admin, {"unfinished-text": CANARY}, team="north", precedents=(ids[0],), **stored)
    # A public incident has internal content, too.
    assert admin.post("/incidents/1/comments", {"text": CANARY, "internal": True}).status_code == 201
    return ids
