"""Detect files that were imported before: incidents without an external id would be duplicated."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import select

from kb.domain.audit import AuditEvent
from kb.models import AuditEntry, db
from kb.services.accounts.teams import MAIN_TEAM, find_team

if TYPE_CHECKING:
    from datetime import datetime

    from kb.services.exchange.line_checks import CheckedFile


class FilesDigest:
    """A digest of the content of some files, in order: of one file, its SHA-256."""

    def __init__(self) -> None:
        self._digests: list[bytes] = []

    def add(self, file: BinaryIO) -> int:
        """Add a seekable file, which is read from its beginning. Returns its size in bytes."""
        file.seek(0)
        self._digests.append(hashlib.file_digest(file, "sha256").digest())  # type: ignore[arg-type]
        return file.tell()

    def value(self) -> str:
        """The digest of the files so far, in hexadecimal digits."""
        if len(self._digests) == 1:
            return self._digests[0].hex()
        return hashlib.sha256(b"".join(self._digests)).hexdigest()


def imported_before(checked: CheckedFile, team: str | None) -> datetime | None:
    """The time when the same files were last imported into a team; None if that would duplicate no incidents.

    Incidents with an external id are updated, not duplicated. Raises InvalidInput for an unknown team.
    """
    if checked.digest is None or checked.keeps_records or not without_external_id(checked):
        return None
    statement = (
        select(AuditEntry.at)
        .where(
            AuditEntry.event == AuditEvent.IMPORT,
            AuditEntry.team_id == find_team(team or MAIN_TEAM).id,
            AuditEntry.detail["digest"].as_string() == checked.digest,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def without_external_id(checked: CheckedFile) -> int:
    """The number of lines without an external id, which a repeated import cannot recognize."""
    return sum(line.data["external_id"] is None for line in checked.lines)
