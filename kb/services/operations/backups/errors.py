"""Errors of backups."""

from __future__ import annotations

from kb.services.operations.bootstrap import InstallationError


class BackupError(InstallationError):
    """A backup cannot be made or restored. Nothing was changed. The message says what to do."""
