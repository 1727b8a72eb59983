"""A collection of two incidents, added over HTTP by a site administrator, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from kb import pauses
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.collections.checking import CheckedCollection, check_file
from kb.services.exchange.collections.reading import read_file
from tests.support.api import Api
from tests.support.collections import HEAD, case, collection


class Examples:
    """The collection `examples`, and its incidents as the knowledge base has them."""

    def __init__(self, admin: Api) -> None:
        self.admin = admin

    def put(self, *incidents: dict[str, Any], query: str = "", **head: Any) -> dict[str, Any]:
        """Add the collection, which is a 201 unless the run is dry, or update it, and return the report."""
        status = 200 if "dry_run" in query or self._is_here() else 201
        response = self.admin.put(f"/collections/examples{query}", collection(*incidents, **head))
        assert response.status_code == status, response.text
        report: dict[str, Any] = response.get_json()
        return report

    def _is_here(self) -> bool:
        """Whether the collection was added, and not taken out since."""
        known = self.admin.get("/collections/examples")
        return known.status_code == 200 and known.get_json()["removed_at"] is None

    def remove(self, query: str = "") -> dict[str, Any]:
        """Take the collection out, and return the report."""
        response = self.admin.delete(f"/collections/examples{query}")
        assert response.status_code == 200, response.text
        report: dict[str, Any] = response.get_json()
        return report

    def published(self) -> list[str]:
        """The slugs of the incidents of the collection that readers find, as search has them."""
        hits = self.admin.get("/search", collection="examples").get_json()["items"]
        return sorted(hit["incident"]["slug"] for hit in hits)

    def path(self, slug: str) -> str:
        """The path of an incident of the collection, in whichever status."""
        statuses = "published,draft,in_review,withdrawn"
        for each in self.admin.get("/incidents", status=statuses, limit=100).get_json()["items"]:
            if each["slug"] == slug:
                return f"/incidents/{each['id']}"
        raise LookupError(slug)

    def edit(self, slug: str, **changes: Any) -> None:
        """Change an incident as a person does."""
        assert self.admin.patch(self.path(slug), changes, If_Match="*").status_code == 200


@pytest.fixture
def examples(any_role: Callable[..., Api]) -> Examples:
    """The collection `examples`, which is not added yet."""
    return Examples(any_role("site_admin"))


@pytest.fixture
def added(examples: Examples) -> Examples:
    """The collection `examples` with the incidents `one` and `two`."""
    assert examples.put(case("one"), case("two"))["added"] == 2
    return examples


Meanwhile = Callable[[], object]


def in_another_thread(action: Meanwhile) -> None:
    """Do something as another request would."""
    thread = threading.Thread(target=action)
    thread.start()
    thread.join()


class Pause:
    """Counts pauses, and does something at one of them, counted from 1, or at each."""

    def __init__(self, meanwhile: Meanwhile = lambda: None, at: int | None = None) -> None:
        self.count = 0
        self._meanwhile, self._at = meanwhile, at

    def __call__(self, *_progress: object) -> None:
        self.count += 1
        if self._at in (None, self.count):
            self._meanwhile()


@pytest.fixture
def at_each_pause(monkeypatch: pytest.MonkeyPatch) -> Callable[[Pause], None]:
    """Let requests pause after each step, not only when it has taken long, and do something meanwhile."""

    def install(pause: Pause) -> None:
        monkeypatch.setattr(pauses, "PIECE_SECONDS", 0.0)
        monkeypatch.setattr(pauses, "rest", pause)

    return install


def documents(*incidents: dict[str, Any]) -> bytes:
    """A collection as JSON Lines."""
    return "\n".join(json.dumps(each) for each in (HEAD, *incidents)).encode()


def checked(*incidents: dict[str, Any]) -> CheckedCollection:
    """A collection that may be added."""
    return check_file(OPERATOR, read_file("examples.jsonl", documents(*incidents)))
