"""Errors of copies."""

from __future__ import annotations

from kb.services.operations.bootstrap import InstallationError


class CopyError(InstallationError):
    """A knowledge base cannot be copied. Nothing was changed. The message says what to do."""
