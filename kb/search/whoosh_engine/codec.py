"""How segments are written: Whoosh's own format, under names that cannot collide."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from whoosh.codec.whoosh3 import W3Codec

if TYPE_CHECKING:
    from kb.search.whoosh_engine.storage import DurableStorage


class Codec(W3Codec):
    """Whoosh's codec with names from the system's source of randomness.

    Its own come from `random`, whose state forked processes share: two of them would write the same files.
    """

    def new_segment(self, storage: DurableStorage, indexname: str) -> Any:
        segment = super().new_segment(storage, indexname)
        segment.segid = secrets.token_hex(16)
        return segment
