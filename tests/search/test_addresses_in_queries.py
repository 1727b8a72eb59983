"""Addresses of the web in a query: each is a source to be found, in whatever way it was copied."""

from __future__ import annotations

import pytest

from kb.search.parser import parse
from kb.search.query import Group, SourceCondition
from tests.support.queries import read

STORY = "https://example.com/news/story_(2018)"


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        f" {STORY}. ",
        f"<{STORY}>",
        f"({STORY})",
        f"[the story]({STORY}),",
        f"“{STORY}”",
        f'"{STORY}"',
        f"'{STORY}'",
        f"source:{STORY}",
        f'source:"{STORY}"',
        f"ב-{STORY}",
        "www.example.com/news/story_(2018)",
        "example.com/news/story_(2018)?utm_source=x",
        "HTTP://m.EXAMPLE.com:80/news/./story_%282018%29#top",
        "https://web.archive.org/web/2018/http://example.com/news/story_(2018)",
    ],
)
def test_an_address_is_a_source_however_it_was_copied(text: str) -> None:
    root = read(text.replace("[the story]", "")).root
    assert root == Group(must=(SourceCondition.of(STORY),))


@pytest.mark.parametrize(
    ("text", "interpreted"),
    [
        ("https://a.co/b", "source:https://a.co/b"),
        (STORY, "source:https://example.com/news/story_%282018%29"),
        ("https://a.co/b https://a.co/b?utm_source=x", "source:https://a.co/b"),
        ("https://a.co/b https://a.co/c", "source:https://a.co/b source:https://a.co/c"),
        ("logo https://a.co/b", "source:https://a.co/b logo"),
        ("-https://a.co/b logo", "logo -source:https://a.co/b"),
        ("NOT https://a.co/b", "-source:https://a.co/b"),
        ("https://a.co/b OR org:gap", "source:https://a.co/b OR org:gap"),
        ("source:(a.co/b a.co/c)", "source:a.co/b source:a.co/c"),
        ("https://a.co/b,c;d", "source:https://a.co/b,c;d"),
        ('https://he.wikipedia.org/wiki/צה"ל', "source:https://he.wikipedia.org/wiki/צה%22ל"),
        ("source:reuters source:nytimes.com", "source:reuters source:nytimes.com"),
        ('source:"the guardian"', 'source:"the guardian"'),
        ("title:https://a.co/b", 'title:"https a co b"'),
    ],
)
def test_the_interpreted_query_names_the_address_as_a_source(text: str, interpreted: str) -> None:
    assert read(text).interpreted == interpreted


@pytest.mark.parametrize(
    "text",
    [
        "https:// http://? https",
        "ftp://a.co/b mailto:a@a.co",
        "and/or 9/11 AT&T 24.12/25.12 U.S./U.K. a@a.co/b",
        "gap.com nytimes.com",
        "https://a.co:0/b",
        "https://a.co/" + "b" * 2_001,
    ],
)
def test_what_is_no_address_stays_words(text: str) -> None:
    assert "source:" not in read(text).interpreted


def test_without_bare_addresses_the_words_beside_them_remain() -> None:
    text = "new shake https://a.co/b node.js/express source:https://a.co/c -https://a.co/d"
    assert parse(text).has_bare_address
    parsed = parse(text, bare_addresses=False)
    assert parsed.interpreted == "source:https://a.co/c new shake node.js/express -source:https://a.co/d"
    assert not parsed.has_bare_address
    assert not parse("source:https://a.co/b -https://a.co/d").has_bare_address
