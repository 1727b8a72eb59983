"""Channels of content calendars, as marketers name them."""

from __future__ import annotations

import pytest
from flask import Flask

from kb.services.check.calendars.channels import read_channel, with_known_terms
from kb.services.taxonomy.lookup import TermLookup


@pytest.mark.parametrize(
    ("name", "keys", "kind"),
    [
        ("Instagram Story", {"instagram"}, "story"),
        ("IG Reels", {"instagram"}, "post"),
        ("FB post", {"facebook"}, "post"),
        ("FB ad", {"facebook"}, "ad"),
        ("YT Shorts", {"youtube"}, "post"),
        ("Shorts", {"youtube"}, "post"),
        ("LI", {"linkedin"}, None),
        ("LinkedIn - Dana's page", {"linkedin"}, None),
        ("X (Twitter)", {"twitter"}, None),
        ("Twitter/X", {"twitter"}, None),
        ("WhatsApp broadcast", {"whatsapp"}, None),
        ("Monthly newsletter", {"email"}, "email"),
        ("אינסטגרם סטורי", {"instagram"}, "story"),
        ("פייסבוק ממומן", {"facebook"}, "ad"),
        ("דיוור", {"email"}, "email"),
        ("FB + IG", {"facebook", "instagram"}, None),
        ("Tik Tok, YouTube", {"tiktok", "youtube"}, None),
        ("Story", set(), "story"),
        ("Reels", set(), "post"),
        ("Carrier pigeon", set(), None),
    ],
)
def test_a_channel_is_read_as_platforms_and_a_kind(
    shared_app: Flask, name: str, keys: set[str], kind: str | None
) -> None:
    with shared_app.app_context():
        assert read_channel(name, TermLookup()) == (keys, kind)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("Carrier pigeon", "'Carrier pigeon' names no known platform"),
        ("FB + IG", "'FB + IG' names several platforms"),
    ],
)
def test_a_platform_that_is_unknown_or_one_of_several_is_left_out_with_a_note(
    shared_app: Flask, name: str, note: str
) -> None:
    with shared_app.app_context():
        data, notes = with_known_terms({"text": "Hi", "platform": name}, TermLookup())
    assert data == {"text": "Hi"}
    assert notes[0].detail.startswith(note)


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("twiter", "twitter"),
        ("פייסבק", "facebook"),
        ("Instagarm story", "instagram"),
        ("פייסבק ממומן", "facebook"),
    ],
)
def test_the_nearest_platform_of_an_unknown_one_is_named(shared_app: Flask, name: str, platform: str) -> None:
    with shared_app.app_context():
        _, (note,) = with_known_terms({"text": "Hi", "platform": name}, TermLookup())
    assert note.detail == (
        f"'{name}' names no known platform: the post was checked without one. Did you mean '{platform}'?"
    )


def test_a_story_of_no_platform_is_checked_as_a_story(shared_app: Flask) -> None:
    with shared_app.app_context():
        data, notes = with_known_terms({"text": "Hi", "platform": "Story"}, TermLookup())
    assert data == {"text": "Hi", "kind": "story"}
    assert len(notes) == 1
