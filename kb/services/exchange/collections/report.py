"""The report of a change of a collection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from kb.domain.collection import KeptReason


class KeptIncident(NamedTuple):
    """An incident that was left unchanged, and why. `title` is in its original language."""

    id: int
    external_id: str
    title: str
    reasons: list[KeptReason]


@dataclass(kw_only=True)
class CollectionReport:
    """How many incidents were added, updated, restored, unchanged or withdrawn, and which were kept.

    In a dry run, nothing was changed. `is_new` is whether the collection was not there before; `seq` is the
    last change in the feed.
    """

    key: str
    version: str
    dry_run: bool
    added: int = 0
    updated: int = 0
    restored: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    kept: list[KeptIncident] = field(default_factory=list)
    is_new: bool = False
    seq: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The report, ready for `CollectionReportSchema`."""
        names = ("key", "version", "dry_run", "added", "updated", "restored", "unchanged", "withdrawn")
        return {
            **{name: getattr(self, name) for name in names},
            "kept": [incident._asdict() for incident in self.kept],
        }
