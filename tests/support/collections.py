"""Collections of incidents: as bodies of requests, as files, and one that comes with the program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from kb.services.exchange.collections import shipped
from tests.support.incidents import incident

HEAD: dict[str, Any] = {
    "key": "examples",
    "version": "1",
    "license": "CC BY 4.0",
    "contact": "editor@example.com",
    "title": {"en": "Examples", "he": "דוגמאות"},
}
"""The head of a collection, with a title in two languages."""


def case(slug: str, **changes: Any) -> dict[str, Any]:
    """An incident of a collection, which is known by its slug."""
    return incident(slug=slug, title=f"The case {slug}", **changes)


def collection(*incidents: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The body of `PUT /collections/examples`."""
    head = {name: value for name, value in HEAD.items() if name != "key"}
    return {**head, **changes, "incidents": [*incidents]}


def write_documents(path: Path, *incidents: Any, **changes: Any) -> str:
    """Write a collection as one file of YAML documents, and return its path."""
    documents = [{**HEAD, **changes}, *incidents]
    path.write_text(yaml.safe_dump_all(documents, allow_unicode=True), "utf-8")
    return str(path)


def write_folder(folder: Path, *incidents: dict[str, Any], **changes: Any) -> Path:
    """Write a collection as a folder of files, each named by a slug, in place of what the folder held."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.yaml"):
        file.unlink()
    head = {**HEAD, "key": folder.name, **changes}
    (folder / "collection.yaml").write_text(yaml.safe_dump(head, allow_unicode=True), "utf-8")
    for each in incidents:
        (folder / f"{each['slug']}.yaml").write_text(yaml.safe_dump(each, allow_unicode=True), "utf-8")
    return folder


def ship(
    seeds: Path, patch: pytest.MonkeyPatch, *incidents: dict[str, Any], key: str = "small", **changes: Any
) -> str:
    """Let a small collection be the only one that comes with the program, and return its key."""
    write_folder(seeds / "collections" / key, *incidents, **changes)
    patch.setattr(shipped, "seeds_dir", lambda: seeds)
    return key
