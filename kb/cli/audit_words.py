"""The audit log in words, for a terminal: what happened, and the details of an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.cli.headings import heading
from kb.cli.language import localized
from kb.domain.audit import AuditEvent
from kb.messages import Message, word

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVENTS: Mapping[str, Message] = {
    AuditEvent.LOGIN: Message("signed in"),
    AuditEvent.LOGIN_FAILED: Message("failed to sign in"),
    AuditEvent.LOGOUT: Message("signed out"),
    AuditEvent.PASSWORD: Message("set a password"),
    AuditEvent.TOKEN_CREATED: Message("made a token"),
    AuditEvent.TOKEN_REVOKED: Message("revoked a token"),
    AuditEvent.USER_CREATED: Message("added an account"),
    AuditEvent.USER_CHANGED: Message("changed an account"),
    AuditEvent.TEAM_CREATED: Message("added a team"),
    AuditEvent.TEAM_CHANGED: Message("changed a team"),
    AuditEvent.MEMBER_SET: Message("set the role of a member"),
    AuditEvent.MEMBER_REMOVED: Message("removed a member"),
    AuditEvent.EXPORT: Message("exported"),
    AuditEvent.IMPORT: Message("imported"),
    AuditEvent.RESTORE: Message("restored a backup"),
    AuditEvent.COPY: Message("copied to another database"),
    AuditEvent.COLLECTION_ADDED: Message("added a collection"),
    AuditEvent.COLLECTION_REMOVED: Message("removed a collection"),
    AuditEvent.ORGANIZATION_ALIAS_ADDED: Message("added a name of an organization"),
    AuditEvent.ORGANIZATION_ALIAS_CHANGED: Message("changed a name of an organization"),
    AuditEvent.ORGANIZATION_ALIAS_REMOVED: Message("removed a name of an organization"),
    AuditEvent.OVERRIDE: Message("published against a rule"),
    AuditEvent.ACKNOWLEDGMENT: Message("published despite a concern"),
    AuditEvent.WITHDRAWAL: Message("hid it from readers"),
    AuditEvent.MERGE: Message("merged it as a duplicate"),
    AuditEvent.DISTINCT: Message("declared two incidents distinct"),
    AuditEvent.DISTINCT_UNDONE: Message("took back that two incidents are distinct"),
    AuditEvent.CHECK_OVERRIDE: Message("went ahead despite a check"),
}

_DETAILS: Mapping[str, Message] = {
    "added": Message("added"),
    "after": Message("after"),
    "alias": Message("other name"),
    "at": Message("in"),
    "before": Message("before"),
    "by": Message("by"),
    "change_seq": Message("number of the last change"),
    "changes": Message("changes"),
    "check": Message("check"),
    "comment": Message("comment"),
    "concerns": Message("concerns"),
    "expires_at": Message("valid until"),
    "file": Message("file"),
    "from": Message("from"),
    "guards": Message("guards"),
    "hidden": Message("no longer readable"),
    "import": Message("import"),
    "into": Message("into incident"),
    "kept": Message("kept"),
    "made_at": Message("made on"),
    "made_by": Message("made by"),
    "mirror": Message("mirror"),
    "organization": Message("organization"),
    "other": Message("other incident"),
    "reason": Message("reason"),
    "replaced": Message("replaced"),
    "restored": Message("restored"),
    "rules": Message("rules"),
    "run_by": Message("run by"),
    "site_admin": Message("site administrator"),
    "skipped": Message("skipped"),
    "taken": Message("taken along"),
    "to": Message("to"),
    "token": Message("token"),
    "tried": Message("tried, as a digest"),
    "unchanged": Message("unchanged"),
    "updated": Message("updated"),
    "verdict": Message("verdict"),
    "what": Message("what"),
    "withdrawn": Message("withdrawn"),
}
"""The names of details. The others are columns of tables, and are named like their headings."""

_KEYS = ("role", "before", "after", "verdict")
"""Details that are a role or a verdict."""

_YES, _NO = Message("yes"), Message("no")


def in_words(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of the audit log with its event and its details in words."""
    detail = "; ".join(f"{_label(name)}: {_detail(name, value)}" for name, value in entry["detail"].items())
    return {**entry, "event": localized(_EVENTS[entry["event"]]), "detail": detail}


def _label(name: str) -> str:
    return localized(_DETAILS[name]) if name in _DETAILS else heading(name).replace("_", " ")


def _detail(name: str, value: Any) -> str:
    """A detail in words; for changes, each field with its old and new value."""
    if name in _KEYS:
        return localized(word(value))
    if name != "changes":
        return _value(value)
    return ", ".join(
        f"{_label(field)} "
        + localized(Message("{before}, then {after}", before=_value(before), after=_value(after)))
        for field, (before, after) in value.items()
    )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return localized(_YES if value else _NO)
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return "–" if value is None else str(value)
