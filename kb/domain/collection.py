"""Collections: what their files are called, and why an incident of one is left as it is."""

from __future__ import annotations

from enum import StrEnum

HEAD_FILE = "collection.yaml"
"""The file of a folder that says what the collection is; the other YAML files hold an incident each."""

MAX_INCIDENTS = 5_000
"""How many incidents a collection may have."""


class KeptReason(StrEnum):
    """Why an incident is left as it is while its collection is added, brought up to date or taken out."""

    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    FILED_HERE = "filed_here"
    COMMENTS = "comments"
    ACTIONS = "actions"
    PROPOSALS = "proposals"
    DUPLICATES = "duplicates"
