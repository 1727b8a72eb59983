"""Errors of operations. Each message says what to do."""

from __future__ import annotations


class InstallationError(Exception):
    """The installation cannot be prepared."""


class BackupError(InstallationError):
    """A backup cannot be made or restored. Nothing was changed."""


class CopyError(InstallationError):
    """A knowledge base cannot be copied. Nothing was changed."""
