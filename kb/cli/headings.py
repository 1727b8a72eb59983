"""The headings of tables in a terminal, based on the names of the fields in JSON.

English readers see the names themselves, others a translation.
"""

from __future__ import annotations

from kb.cli.language import localized
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
    """The heading of a field's column, in the language of the running command."""
    return localized(_HEADINGS.get(name, name))
