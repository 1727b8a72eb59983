"""The playbook: the responses in the cases that a draft clearly resembles, and how fast they were."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kb.services.search.visible_hits import VisibleHit


def playbook(precedents: Iterable[tuple[VisibleHit, str]]) -> dict[str, Any]:
    """Count the responses in the strong ones of some precedents, each with its strength, with the median
    minutes that the responses took.

    Minutes are None if they are known for no incident.
    """
    return playbook_of([hit.content for hit, strength in precedents if strength == "strong"])


def strong_ids(precedents: Iterable[Mapping[str, Any]]) -> list[int]:
    """Return the ids of the incidents that a playbook counts, of presented precedents."""
    return [item["incident"]["id"] for item in precedents if item["strength"] == "strong"]


def playbook_of(contents: Collection[dict[str, Any]]) -> dict[str, Any]:
    """Make a playbook from the contents of incidents, as `hit_content.to_stored` returns them."""
    counts = Counter(kind for content in contents for kind in content["responses"])
    return {
        "incidents": len(contents),
        "responses": [
            {"kind": kind, "count": count}
            for kind, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
        "median_minutes": {name: _median(contents, name) for name in ("acknowledge", "remove")},
    }


def _median(contents: Iterable[dict[str, Any]], name: str) -> float | None:
    minutes = [content["minutes"][name] for content in contents if content["minutes"][name] is not None]
    return median(minutes) if minutes else None
