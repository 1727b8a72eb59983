"""Convert guards to the data held in requests, files and the database, and back."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from kb.domain.draft import Draft
from kb.domain.guard import Guard, GuardType, Severity
from kb.domain.language import shorthand_language

if TYPE_CHECKING:
    from collections.abc import Mapping

_DRAFT_FIELDS = tuple(field.name for field in fields(Draft))


def to_guard(key: str, data: Mapping[str, Any]) -> Guard:
    """Build a guard from data as loaded by `GuardInputSchema` (kb/schemas/guards.py).

    Times in examples may be datetimes or ISO 8601 texts.
    """
    examples = data.get("examples") or {}
    return Guard(
        key=key,
        type=GuardType(data["type"]),
        severity=Severity(data["severity"]),
        message=dict(data["message"]),
        title=dict(data.get("title") or {}),
        suggestion=dict(data.get("suggestion") or {}),
        parameters=dict(data.get("parameters") or {}),
        countries=tuple(data.get("countries") or ()),
        platforms=tuple(data.get("platforms") or ()),
        accounts=tuple(account.lstrip("@").casefold() for account in data.get("accounts") or ()),
        active=data.get("active", True),
        bad=tuple(map(to_draft, examples.get("bad") or ())),
        good=tuple(map(to_draft, examples.get("good") or ())),
    )


def to_data(guard: Guard) -> dict[str, Any]:
    """The data of a guard, ready for JSON, without its key."""
    return {
        "title": dict(guard.title),
        "type": guard.type.value,
        "severity": guard.severity.value,
        "message": dict(guard.message),
        "suggestion": dict(guard.suggestion),
        "parameters": dict(guard.parameters),
        "countries": list(guard.countries),
        "platforms": list(guard.platforms),
        "accounts": list(guard.accounts),
        "active": guard.active,
        "examples": {"bad": list(map(draft_data, guard.bad)), "good": list(map(draft_data, guard.good))},
    }


def canonical_json(guard: Guard) -> bytes:
    """The data of a guard with its key: the same bytes for equal guards."""
    return orjson.dumps({"key": guard.key, **to_data(guard)}, option=orjson.OPT_SORT_KEYS)


def draft_data(draft: Draft) -> dict[str, Any]:
    """The data of a draft, ready for JSON, without unknown fields."""
    data = {name: value for name in _DRAFT_FIELDS if (value := getattr(draft, name)) not in (None, ())}
    if draft.scheduled_at is not None:
        data["scheduled_at"] = draft.scheduled_at.isoformat()
    return {name: list(value) if isinstance(value, tuple) else value for name, value in data.items()}


def to_draft(data: Mapping[str, Any]) -> Draft:
    """Build a draft from data as loaded by `DraftSchema`; missing fields are unknown."""
    scheduled_at = data.get("scheduled_at")
    return Draft(
        text=data["text"],
        language=data.get("language"),
        platform=data.get("platform"),
        audience=data.get("audience"),
        account=data.get("account"),
        organization=data.get("organization"),
        industry=data.get("industry"),
        kind=data.get("kind"),
        audience_countries=tuple(data.get("audience_countries") or ()),
        links=tuple(data.get("links") or ()),
        approvers=tuple(data.get("approvers") or ()),
        scheduled_at=datetime.fromisoformat(scheduled_at) if isinstance(scheduled_at, str) else scheduled_at,
    )


def expand_shorthand(data: Any) -> Any:
    """Expand the shorthand allowed in YAML files into a guard's full data.

    In shorthand, an example may be just its text, and a title, message or suggestion may be a text whose
    language is detected from its script: Hebrew, or else English. Any other form is left to the schema.
    """
    if not isinstance(data, dict):
        return data
    expanded = dict(data)
    for name in ("title", "message", "suggestion"):
        if isinstance(text := data.get(name), str):
            expanded[name] = {shorthand_language(text): text}
    if isinstance(examples := data.get("examples"), dict):
        expanded["examples"] = {kind: _expand_examples(drafts) for kind, drafts in examples.items()}
    return expanded


def _expand_examples(drafts: Any) -> Any:
    if not isinstance(drafts, list):
        return drafts
    return [{"text": draft} if isinstance(draft, str) else draft for draft in drafts]
