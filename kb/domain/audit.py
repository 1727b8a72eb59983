"""Events in the audit log."""

from __future__ import annotations

from enum import StrEnum


class AuditEvent(StrEnum):
    """A security-relevant event."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    PASSWORD = "password"  # noqa: S105 (an event name)
    TOKEN_CREATED = "token_created"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    USER_CREATED = "user_created"
    USER_CHANGED = "user_changed"
    TEAM_CREATED = "team_created"
    TEAM_CHANGED = "team_changed"
    MEMBER_SET = "member_set"
    MEMBER_REMOVED = "member_removed"
    EXPORT = "export"
    IMPORT = "import"
    RESTORE = "restore"
    COPY = "copy"
    COLLECTION_ADDED = "collection_added"
    COLLECTION_REMOVED = "collection_removed"
    ORGANIZATION_ALIAS_ADDED = "organization_alias_added"
    ORGANIZATION_ALIAS_CHANGED = "organization_alias_changed"
    ORGANIZATION_ALIAS_REMOVED = "organization_alias_removed"
    OVERRIDE = "override"
    ACKNOWLEDGMENT = "acknowledgment"
    WITHDRAWAL = "withdrawal"
    MERGE = "merge"
    DISTINCT = "distinct"
    DISTINCT_UNDONE = "distinct_undone"
    CHECK_OVERRIDE = "check_override"
