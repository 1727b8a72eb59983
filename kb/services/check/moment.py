"""What checks that are made right after one another share: all as of one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.services.check.rulesets import ruleset_with_position
from kb.services.core.change_feed import committed_visible_seq
from kb.services.search.visible_hits import KnownRows

if TYPE_CHECKING:
    from kb.domain.permissions import Actor


class Moment:
    """The ruleset of an actor, and which incidents the actor may see, as of one moment.

    Each is read when a check first needs it. A change that is made later is not seen: let a moment be short.
    """

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self.ruleset, self.position = ruleset_with_position(actor)
        self.rows = KnownRows()
        self._visible: dict[int, int] = {}

    def visible_seq(self, until: int) -> int:
        """The last change up to one that the actor may learn of."""
        if until not in self._visible:
            self._visible[until] = committed_visible_seq(self._actor, until)
        return self._visible[until]
