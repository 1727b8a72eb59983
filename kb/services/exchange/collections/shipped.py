"""The shipped collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.config import seeds_dir
from kb.domain.collection import HEAD_FILE
from kb.errors import NotFound
from kb.messages import Message
from kb.schemas.collections import CollectionHeadSchema
from kb.services.exchange.collections.reading import incident_files, read_head

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any


def shipped_folders() -> dict[str, Path]:
    """The folders of the shipped collections, by key, which is the name of the folder."""
    heads = (seeds_dir() / "collections").glob(f"*/{HEAD_FILE}")
    return {path.parent.name: path.parent for path in sorted(heads)}


def shipped_folder(key: str) -> Path:
    """The folder of a shipped collection. Raises NotFound, which lists the keys."""
    folders = shipped_folders()
    if key not in folders:
        keys = ", ".join(folders) or "-"
        raise NotFound(
            Message(
                "No collection {key!r} comes with this program. Those that do: {keys}.", key=key, keys=keys
            )
        )
    return folders[key]


def shipped_incidents(key: str) -> int:
    """The number of incidents in a shipped collection; 0 for any other."""
    folder = shipped_folders().get(key)
    return 0 if folder is None else len(incident_files(folder))


def shipped_heads() -> dict[str, dict[str, Any]]:
    """The heads of the shipped collections, by key."""
    return {key: CollectionHeadSchema().load(read_head(path)) for key, path in shipped_folders().items()}
