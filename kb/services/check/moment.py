"""State shared by checks made in quick succession, all as of one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.services.check.rulesets import ruleset_with_position
from kb.services.core.change_feed import committed_visible_seq
from kb.services.search.visible_hits import KnownRows

if TYPE_CHECKING:
    from kb.domain.permissions import Actor


class Moment:
    """The ruleset of an actor, and which incidents the actor may see, as of one moment.

    The ruleset is read at once, rows when a check first needs them. Later changes are not seen, so keep a
    moment short.
    """

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self.ruleset, self.position = ruleset_with_position(actor)
        self.rows = KnownRows()
        self._visible: dict[int, int] = {}

    def visible_seq(self, until: int) -> int:
        """The last change up to `until` that the actor may learn of."""
        if until not in self._visible:
            self._visible[until] = committed_visible_seq(self._actor, until)
        return self._visible[until]
