"""The rows of receipts: store a check, and restore its draft."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, insert

from kb.domain.draft import Draft
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models import Check, Incident, db
from kb.services.infrastructure.runtime import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.check import CheckRequest
    from kb.domain.permissions import Actor
    from kb.services.core.unit_of_work import UnitOfWork

_CHECKS = Check.__table__
_FACTS = ("language", "platform", "audience", "account", "organization", "industry", "kind")
_LISTS = ("audience_countries", "approvers")


_DELETE_BEFORE = delete(_CHECKS).where(
    _CHECKS.c.created_at < bindparam("before"), ~exists().where(Incident.passed_check_id == _CHECKS.c.id)
)
_INSERT = insert(_CHECKS)
"""Inserts into the table, not the class: bypassing the ORM takes a third less time."""


def add_check(
    work: UnitOfWork,
    actor: Actor,
    request: CheckRequest,
    result: Mapping[str, Any],
    team_id: int | None,
    *,
    rerun_of: Check | None = None,
) -> tuple[int, dict[str, Any]]:
    """Insert the receipt of a check, delete expired ones, and return its id and its other values.

    `result` is stored as it is: without `keep_text`, it must be the result of `store.without_text`.
    """
    _delete_expired(work)
    draft, kept = request.draft, request.keep_text
    values = {
        "created_at": work.at,
        "author": actor.name,
        "principal": actor.principal,
        "team_id": team_id,
        "text_sha256": digest(draft.text),
        "text": draft.text if kept else None,
        "platform": draft.platform,
        "account_key": account_key(draft.account),
        "draft": _facts(draft) | {"weak": request.weak} | ({"links": [*draft.links]} if kept else {}),
        "link_sha256": [digest(link) for link in draft.links],
        "ruleset": result["ruleset"],
        "seq": result["position"],
        "verdict": result["verdict"],
        "findings": [_finding(finding, kept=kept) for finding in result["findings"]],
        "concepts": [theme["key"] for theme in result["themes"]],
        "precedents": [_precedent(precedent) for precedent in result["precedents"]],
        "suppressions": [_suppression(item) for item in result["suppressed"]],
        "rerun_of_id": None if rerun_of is None else rerun_of.id,
    }
    key = db.session.connection().execute(_INSERT, values).inserted_primary_key
    assert key is not None
    return key[0], values


def _suppression(item: Mapping[str, Any]) -> dict[str, Any]:
    """A suppression without its notice, which may name a guard that some readers may not see."""
    kept = {name: value for name, value in item.items() if name != "notice"}
    return {**kept, "spans": [_place(span) for span in item["spans"]]}


def digest(text: str) -> str:
    """The SHA-256 of a text as sent, in UTF-8 including lone surrogates, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def account_key(account: str | None) -> str | None:
    """An account without its @, in lower case, so that spellings compare equal."""
    return None if account is None else account.lstrip("@").casefold()


def draft_of(check: Check, text: str, links: tuple[str, ...]) -> Draft:
    """The draft of a check, with its text and its links."""
    facts = check.draft
    scheduled_at = facts["scheduled_at"]
    values: dict[str, Any] = {
        **{name: facts[name] for name in _FACTS},
        **{name: tuple(facts[name]) for name in _LISTS},
        "scheduled_at": None if scheduled_at is None else datetime.fromisoformat(scheduled_at),
    }
    return Draft(text=text, links=links, **values)


def text_of(check: Check, data: Mapping[str, Any]) -> str:
    """The text of a check's draft: the one in `data`, which must have the same digest, or the kept one.

    Raises InvalidInput.
    """
    text = data.get("text", check.text)
    if text is None:
        raise InvalidInput(
            [FieldError("/text", Message("The text of this check was not kept. Send it again."))]
        )
    if digest(text) != check.text_sha256:
        detail = Message(
            "This is not the text of check {id}: its SHA-256 is {digest}.",
            id=check.id,
            digest=check.text_sha256,
        )
        raise InvalidInput([FieldError("/text", detail)])
    kept: str = text
    return kept


def links_of(check: Check, data: Mapping[str, Any]) -> tuple[str, ...]:
    """The links of a check's draft: those in `data`, or the kept ones. Raises InvalidInput if they differ."""
    links = tuple(data.get("links", check.draft.get("links", ())))
    if [digest(link) for link in links] != check.link_sha256:
        detail = Message("Send the links of check {id} again, in the same order.", id=check.id)
        raise InvalidInput([FieldError("/links", detail)])
    return links


def _facts(draft: Draft) -> dict[str, Any]:
    # Keep the UTC offset: whether a time is at night depends on it.
    scheduled_at = None if draft.scheduled_at is None else draft.scheduled_at.isoformat()
    return {
        **{name: getattr(draft, name) for name in _FACTS},
        **{name: [*getattr(draft, name)] for name in _LISTS},
        "scheduled_at": scheduled_at,
    }


def _finding(finding: Mapping[str, Any], *, kept: bool) -> dict[str, Any]:
    """A finding as a receipt stores it. Its message may quote the text, so it is kept only with the text."""
    return {
        "guard": finding["guard"],
        "severity": finding["severity"],
        "span": _place(finding["span"]),
        "lesson": _id_of(finding["lesson"]),
        "incident": _id_of(finding["incident"]),
        "message": finding["message"] if kept else None,
        "suggestion": finding["suggestion"] if kept else None,
        "folded_into": finding["folded_into"],
    }


def _place(span: Mapping[str, Any] | None) -> dict[str, int] | None:
    return None if span is None else {"start": span["start"], "end": span["end"]}


def _id_of(item: Mapping[str, Any] | None) -> int | None:
    return None if item is None else item["id"]


_NOT_KEPT = {"labels", "example"}
"""Parts of a reason that are worded as of the day of the check."""


def _precedent(precedent: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "incident": precedent["incident"]["id"],
        "strength": precedent["strength"],
        "score": precedent["score"],
        "why": {name: value for name, value in precedent["why"].items() if name not in _NOT_KEPT},
    }


def _delete_expired(work: UnitOfWork) -> None:
    """Delete receipts older than the retention setting, unless an incident names them."""
    days = settings().check_retention_days
    if days:
        db.session.connection().execute(_DELETE_BEFORE, {"before": work.at - timedelta(days)})
