"""The headings of tables in a terminal, which are the names of the fields in JSON.

English readers see the names themselves; others see what they mean.
"""

from __future__ import annotations

from kb.cli.language import spoken
from kb.messages import Message

_HEADINGS = {
    str(heading): heading
    for heading in (
        Message("active"),
        Message("actor"),
        Message("address"),
        Message("at"),
        Message("bucket"),
        Message("bucket_end"),
        Message("bucket_start"),
        Message("can_sign_in"),
        Message("caution"),
        Message("checks"),
        Message("clear"),
        Message("created_at"),
        Message("created_by"),
        Message("detail"),
        Message("digest"),
        Message("disabled"),
        Message("email"),
        Message("event"),
        Message("expires_at"),
        Message("id"),
        Message("incident"),
        Message("incidents"),
        Message("key"),
        Message("language"),
        Message("name"),
        Message("near_misses"),
        Message("overridden"),
        Message("principal"),
        Message("role"),
        Message("rows"),
        Message("scopes"),
        Message("session"),
        Message("severity"),
        Message("shipped_version"),
        Message("since"),
        Message("site_admin"),
        Message("source"),
        Message("stop"),
        Message("table"),
        Message("team"),
        Message("time_zone"),
        Message("title"),
        Message("type"),
        Message("user"),
        Message("valid"),
        Message("version"),
    )
}


def heading(name: str) -> str:
    """The heading of the column of a field, in the language of the running command."""
    return spoken(_HEADINGS.get(name, name))
