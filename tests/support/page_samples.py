"""What the forms of the pages are filled in with: drafts, calendars and files."""

from __future__ import annotations

from tests.support.spreadsheets import AGENCY, HEBREW

DRAFTS = {
    "en": "Black Friday **** Need copy and link****",
    "he": "מבצע סוף שבוע בחנות: [להשלים קישור]",
}
"""A draft that must not go out, by language."""

CALENDAR = """Date,Time,Channel,Copy,Country
2027-05-06,12:00,Instagram,New colors are here. Which one is yours?,IL
2027-05-04,12:00,Instagram,New colors are here. 20% off!,IL
2027-11-26,12:00,Twitter,Black Friday **** Need copy and link****,US
someday,12:00,Twitter,Hello,US
"""
"""A content calendar with a post to stop, one to think over, one without fault and one without a day."""

COLLECTION = """key: our-cases
version: "1"
license: CC BY 4.0
contact: https://agency.example/corrections
title: {en: Our agency's cases, he: המקרים שלנו}
---
slug: acme-draft
language: en
organization: Acme
title: A draft goes out
category: internal-communication
occurred_on: 2020-05
summary: A draft of the spring campaign was posted.
cause: Nobody but its author had seen it.
outcome: It was deleted after an hour, with an apology.
lessons:
  - text: Have a second person read every post.
"""
"""A collection of one incident, as a file."""

AMBIGUOUS_CALENDAR = "Date,Copy\n03/04/2027,Hello\n"

IMPORT = """{"organization": "Acme", "title": "A draft goes out", "category": "internal-communication"}
{"organization": "Acme", "title": "A draft goes out", "category": "internal-communication"}
{"organization": "Acme", "title": "What nobody can read", "category": "tone-deff", "severity": 9}
"""
"""Two incidents that may be the same, and one that is not valid."""

TABLES = {"en": AGENCY, "he": HEBREW}
"""Tables with columns of their own, by language."""
