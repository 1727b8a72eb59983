"""Values that no incident can have: (field, value, pointer of the error, a part of its message)."""

from __future__ import annotations

from typing import Any

Case = tuple[str, Any, str, str]

INVALID_VALUES: list[Case] = [
    ("titel", "x", "/titel", "Unknown field. Did you mean `title`?"),
    ("occured_on", "2018", "/occured_on", "Did you mean `occurred_on`?"),
    ("id", 7, "/id", "Unknown field"),
    ("author", "somebody", "/author", "Unknown field"),
    ("version", 9, "/version", "Unknown field"),
    ("occurred_on", "2018-02-30", "/occurred_on", "not a calendar date"),
    ("occurred_on", "2018-13", "/occurred_on", "not a calendar date"),
    ("occurred_on", "24/11/2017", "/occurred_on", "YYYY-MM-DD"),
    ("occurred_on", "2999-01-01", "/occurred_on", "in the future"),
    ("occurred_on", "0000", "/occurred_on", "1800"),
    ("occurred_on", 20171124, "/occurred_on", "Write a text"),
    ("occurred_precision", "hour", "/occurred_precision", "day"),
    ("severity", 6, "/severity", "5"),
    ("severity", 0, "/severity", "1"),
    ("severity", "2", "/severity", "whole number"),
    ("severity", 2.0, "/severity", "whole number"),
    ("severity", True, "/severity", "whole number"),
    ("language", "klingonese", "/language", "BCP 47"),
    ("language", "xx", "/language", "BCP 47"),
    ("language", "", "/language", "BCP 47"),
    ("title", "   ", "/title", ""),
    ("title", "x" * 301, "/title", "300"),
    ("title", None, "/title", ""),
    ("title", ["x"], "/title", "Write a text"),
    ("title", "a\0b", "/title", "U+0000"),
    ("title", "a\ud800b", "/title", "U+D800"),
    ("tags", ["ok", "a\udfffb"], "/tags/1", "U+DFFF"),
    ("lessons", [{"text": ""}], "/lessons/0/text", ""),
    ("lessons", ["text"], "/lessons/0", "Write a JSON object with the field `text`."),
    ("lessons", [{"txt": "x", "text": "x"}], "/lessons/0/txt", "Did you mean `text`?"),
    ("lessons", [{"id": 4, "text": "Somebody else's"}], "/lessons/0/id", "Unknown field"),
    ("sources", [{"title": "x", "url": "javascript:alert(1)"}], "/sources/0/url", "http"),
    ("sources", [{"title": "x", "url": "https://"}], "/sources/0/url", "http"),
    ("sources", [{"title": "x", "url": "http://[1"}], "/sources/0/url", "http"),
    ("impacts", [{"kind": "market_value", "currency": "dollars"}], "/impacts/0/currency", "USD"),
    ("impacts", [{"kind": "luck"}], "/impacts/0/kind", "market_value"),
    ("impacts", [{"kind": "jobs", "amount": 1e300}], "/impacts/0/amount", ""),
    ("status", "withdrawn", "/status", ""),
    ("slug", "Not A Slug", "/slug", "not-a-slug"),
    ("posted_at", "yesterday", "/posted_at", "2018-05-16T22:30:00Z"),
    ("posted_at", "2999-01-01T00:00:00Z", "/posted_at", "in the future"),
    ("posted_at", "0001-01-01T00:00:00+14:00", "/posted_at", ""),
    ("posted_at", "0001-01-01T00:00:00Z", "/posted_at", "1800"),
    ("responses", [{"kind": "deleted", "at": "0001-01-01"}], "/responses/0/at", "1800"),
    ("impacts", [{"kind": "jobs", "amount": 0.125}], "/impacts/0/amount", "two decimal places"),
    ("tags", ["a,b"], "/tags/0", "two tags"),
    ("impacts", [{"kind": "jobs", "amount": "12"}], "/impacts/0/amount", "number"),
    ("impacts", [{"kind": "jobs", "alleged": 1}], "/impacts/0/alleged", "true or false"),
    (
        "sources",
        [{"title": "x", "published_on": "2018-W01-1"}],
        "/sources/0/published_on",
        "YYYY-MM-DD",
    ),
    (
        "sources",
        [{"title": "x", "published_on": "2999-01-01"}],
        "/sources/0/published_on",
        "in the future",
    ),
    ("sources", [{"title": "x", "url": "http://a:99999999/"}], "/sources/0/url", "http"),
    ("title", "\u200b\u200f", "/title", ""),
    ("title", "a\u0085b", "/title", "U+0085"),
    ("language", "und", "/language", "BCP 47"),
    ("lessons", [{}] * 51, "/lessons", "at most 50 items"),
]
"""What is wrong whatever the database holds."""

UNKNOWN_REFERENCES: list[Case] = [
    ("team", "north", "/team", "no team 'north'"),
    ("category", "tone-deff", "/category", "Did you mean 'tone-deaf'?"),
    ("category", "xyzzy", "/category", "There are: "),
    ("platforms", ["twitter", "twiter"], "/platforms/1", "Did you mean 'twitter'?"),
    ("responses", [{"kind": "apologiced"}], "/responses/0/kind", "Did you mean 'apologized'?"),
]
"""Teams and terms that the database does not have."""
