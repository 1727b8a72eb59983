"""State shared by checks made in quick succession, all as of one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.services.check.rulesets import ruleset_with_position
from kb.services.search.visible_hits import KnownRows

if TYPE_CHECKING:
    from kb.domain.permissions import Actor


class Moment:
    """The ruleset of an actor, and which incidents the actor may see, as of one moment.

    The ruleset is read at once, rows when a check first needs them. Later changes are not seen, so keep a
    moment short.
    """

    def __init__(self, actor: Actor) -> None:
        self.ruleset, self.position = ruleset_with_position(actor)
        self.rows = KnownRows()
