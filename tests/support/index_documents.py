"""Documents for tests that talk to a search engine without a database."""

from __future__ import annotations

from datetime import date

import orjson

from kb.search.engine import IndexDocument


def document(number: int, title: str = "zebra", **changes: object) -> IndexDocument:
    """The document of a published incident, with some of its attributes changed."""
    fields: dict[str, object] = {
        "id": number,
        "texts": {"title": (("en", title),)},
        "terms": {"category": ("tone-deaf",)},
        "audiences": ("public",),
        "organization_key": "acme",
        "languages": ("en",),
        "status": "published",
        "kind": "incident",
        "tags": (),
        "severity": 3,
        "first_day": date(2018, 1, 1),
        "last_day": date(2018, 1, 31),
    }
    fields |= changes
    # As in the service, what is stored of an incident holds its texts.
    fields.setdefault("stored", orjson.dumps(fields["texts"]))
    return IndexDocument(**fields)  # type: ignore[arg-type]
