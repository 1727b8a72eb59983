"""Links: what is the same link, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.domain.links import link_key, normalize_link

ARTICLE = "https://example.com/news/story"

SAME = [
    (ARTICLE, "https://web.archive.org/web/20180516000000/http%3A//example.com/news/story"),
    (ARTICLE, "https://web.archive.org/save/https://example.com/news/story"),
    (ARTICLE, "https://archive.ph/2018.05.16-093000/https://example.com/news/story"),
    (ARTICLE, "https://archive.today/o/AbC12/https://example.com/news/story"),
    (ARTICLE, "https://example.com/news/story?_hsenc=a&mkt_tok=b&srsltid=c&gad_source=1"),
    ("https://twitter.com/a/status/12", "https://fxtwitter.com/a/status/12"),
    ("https://www.facebook.com/a/posts/1", "https://mbasic.facebook.com/a/posts/1"),
    ("https://www.youtube.com/watch?v=a", "https://music.youtube.com/watch?v=a"),
    (ARTICLE, "http://example.com/news/story"),
    (ARTICLE, "example.com/news/story"),
    (ARTICLE, " HTTPS://EXAMPLE.COM/news/story/ "),
    (ARTICLE, "https://www.example.com/news/story"),
    (ARTICLE, "https://m.example.com/news/story"),
    (ARTICLE, "https://mobile.example.com./news/story"),
    (ARTICLE, "https://example.com:443/news/story"),
    (ARTICLE, "http://example.com:80/news/story#comments"),
    (ARTICLE, "https://example.com/a/../news/./story"),
    (ARTICLE, "https://example.com/a/%2E%2e/news/story"),
    (ARTICLE, "https://example.com/news/st%6Fry?"),
    (ARTICLE, "https://example.com/news/story?utm_source=x&UTM_Medium=y&fbclid=1&gclid=2&msclkid=3"),
    (ARTICLE, "https://example.com/news/story?igshid=1&mc_cid=2&mc_eid=3&ref_src=twsrc%5Etfw"),
    (ARTICLE, "https://web.archive.org/web/20180516093000/https://example.com/news/story"),
    (ARTICLE, "http://web.archive.org/web/2018id_/http:/www.example.com:80/news/story/"),
    (ARTICLE, "https://web.archive.org/web/*/example.com/news/story"),
    (ARTICLE, "https://web.archive.org/web/2018/https%3A%2F%2Fexample.com%2Fnews%2Fstory"),
    (ARTICLE, "https://archive.ph/2018/https://web.archive.org/web/2017/https://example.com/news/story"),
    ("https://example.com/?a=1&b=2", "https://example.com?b=2&a=1"),
    ("https://example.com/?q=a+b", "https://example.com/?q=a%20b"),
    ("https://example.com/~brand", "https://example.com/%7Ebrand"),
    ("https://example.com/a_(b)", "https://example.com/a_%28b%29"),
    ("https://example.com/café", "https://example.com/cafe%CC%81"),
    ("https://www.calcalist.co.il/חדשות/תנובה", "https://calcalist.co.il/%D7%97%D7%93%D7%A9%D7%95%D7%AA/%d7%aa%d7%a0%d7%95%d7%91%d7%94"),
    ("https://he.wikipedia.org/wiki/תנובה", "https://he.m.wikipedia.org/wiki/%D7%AA%D7%A0%D7%95%D7%91%D7%94"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    ("https://ישראל.example/א", "https://XN--4DBRK0CE.example/%D7%90"),
    ("https://twitter.com/brand/status/12", "https://x.com/brand/status/12?s=20&t=abc"),
    ("https://twitter.com/brand/status/12", "https://mobile.twitter.com/Brand/status/12/photo/1"),
    ("https://twitter.com/brand/status/12", "https://x.com/i/web/status/12"),
    ("https://youtu.be/dQw4w9WgXcQ?si=abc", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=42s"),
    ("https://youtu.be/dQw4w9WgXcQ", "https://m.youtube.com/shorts/dQw4w9WgXcQ"),
    ("https://www.instagram.com/p/Abc/", "https://instagram.com/p/Abc?igsh=1"),
    ("https://old.reddit.com/r/a/comments/1", "https://www.reddit.com/r/a/comments/1/"),
]  # fmt: skip

DIFFERENT = [
    ("https://example.com/#/one", "https://example.com/#/two"),
    ("https://example.com/?tag=a&tag=b", "https://example.com/?tag=b&tag=a"),
    (ARTICLE, "https://example.com/news/Story"),
    (ARTICLE, "https://example.org/news/story"),
    (ARTICLE, "https://shop.example.com/news/story"),
    (ARTICLE, "https://example.com:8080/news/story"),
    (ARTICLE, "https://example.com/news/story?page=2"),
    (ARTICLE, "https://example.com/news%2Fstory"),
    (ARTICLE, "https://example.com/news//story"),
    (ARTICLE, "ftp://example.com/news/story"),
    ("https://example.com/?id=1", "https://example.com/?id=2"),
    ("https://example.com/?a=1&a=2", "https://example.com/?a=1"),
    ("https://example.com/?a=b%26c=d", "https://example.com/?a=b&c=d"),
    ("https://example.com/?a=1%2B1", "https://example.com/?a=1+1"),
    ("https://example.com/?a", "https://example.com/?a="),
    ("https://example.com/?s=20", "https://example.com/"),
    ("https://example.com/?v=1&t=2", "https://example.com/?v=1"),
    ("https://example.com/%E9", "https://example.com/é"),
    ("https://example.com/%252F", "https://example.com/%2F"),
    ("https://example.com/#!/a", "https://example.com/#!/b"),
    ("https://m.co.il/a", "https://co.il/a"),
    ("https://m.co/a", "https://www.m.org/a"),
    ("https://straße.example/", "https://strasse.example/"),
    ("https://x.com/brand/status/12", "https://x.com/brand/status/13"),
    ("https://x.com/brand", "https://x.com/brand2"),
    ("https://youtu.be/dQw4w9WgXcQ", "https://youtu.be/dqw4w9wgxcq"),
    ("https://www.youtube.com/watch?v=1", "https://www.youtube.com/playlist?list=1"),
    ("https://web.archive.org/web/2018/https://example.com/a", "https://web.archive.org/web/2018/https://example.com/b"),
    ("https://archive.ph/AbCdE", "https://archive.ph/FgHiJ"),
    ("https://twitter.com.example/brand", "https://x.com/brand"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_link_is_one_link_however_it_was_copied(one: str, other: str) -> None:
    assert normalize_link(one) == normalize_link(other)
    assert link_key(one) == link_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_links_to_different_pages_stay_different(one: str, other: str) -> None:
    assert normalize_link(one) != normalize_link(other)
    assert link_key(one) != link_key(other)


@pytest.mark.parametrize(
    "text", ["", "http://", "http://[", "http://a:port/", "https://xn--\ud800/", "://", "%"]
)
def test_what_is_no_link_has_a_key_nevertheless(text: str) -> None:
    assert normalize_link(normalize_link(text)) == normalize_link(text)
    assert len(link_key(text)) == 64


_PARTS = st.sampled_from(
    ["http:", "https://", "//", "/", ".", "..", "?", "#", "#!/", "&", "=", "%", "%2e", "%2F", "%25", "+", "@",
     ":", ":80", ":8080", "[", "]", "::1", "www.", "m.", "xn--", "xn--4dbrk0ce", "example.com", "twitter.com",
     "youtu.be", "youtube.com", "web.archive.org", "web", "2018", "archive.ph", "watch", "v=", "/status/12",
     "utm_a=1", "t=1", "א", "%D7%90", "%E9", "ß", "İ", "／", "。", " ", "\t", "\ud800", "e\u0301"]
)  # fmt: skip


@settings(max_examples=400)
@given(st.one_of(st.text(), st.lists(_PARTS, max_size=14).map("".join)))
@example("https://web.archive.org/x/../web/2018/https://example.com/a")
def test_normalizing_a_link_twice_changes_nothing(text: str) -> None:
    normal = normalize_link(text)
    assert normalize_link(normal) == normal
    assert link_key(normal) == link_key(text)
