"""Collections: file names, limits, and the reasons for leaving an incident unchanged."""

from __future__ import annotations

from enum import StrEnum

HEAD_FILE = "collection.yaml"
"""The file that describes the collection of a folder; each other YAML file holds one incident."""

MAX_INCIDENTS = 5_000
"""Maximum number of incidents in a collection."""


class KeptReason(StrEnum):
    """Why an incident is left unchanged when its collection is added, updated or removed."""

    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    FILED_HERE = "filed_here"
    COMMENTS = "comments"
    ACTIONS = "actions"
    PROPOSALS = "proposals"
    DUPLICATES = "duplicates"
