"""The breadth of a guard: how many harmless posts it flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kb.guards.errors import GuardError
from kb.guards.types.pattern import PatternMatcher
from kb.messages import Message

if TYPE_CHECKING:
    from kb.domain.draft import Draft
    from kb.guards.corpus import Posts
    from kb.guards.ruleset import CompiledGuard

MAX_BREADTH = 0.05
"""Maximum share of harmless posts that a pattern may match."""

_MAX_QUOTED = 80


class Breadth(NamedTuple):
    """The number of posts, and the ones that a guard flags."""

    total: int
    drafts: tuple[Draft, ...]

    @property
    def share(self) -> float:
        """The share of the posts that the guard flags, from 0 to 1."""
        return len(self.drafts) / self.total if self.total else 0.0


def breadth(compiled: CompiledGuard, posts: Posts) -> Breadth:
    """The breadth of a guard over some posts, ignoring its countries, platforms and accounts."""
    matcher = compiled.matcher
    if isinstance(matcher, PatternMatcher) and _matches_none(matcher, posts):
        return Breadth(len(posts), ())
    found = (post.draft for post in posts if next(matcher.matches(post), None) is not None)
    return Breadth(len(posts), tuple(found))


def _matches_none(matcher: PatternMatcher, posts: Posts) -> bool:
    """Prefilter: whether a pattern matches nowhere in the concatenated posts, as nearly all patterns do.

    Searching each post separately takes ten times as long.
    """
    return not matcher.is_anchored and matcher.compiled.search(posts.spaced_text) is None


def check_breadth(compiled: CompiledGuard, posts: Posts) -> None:
    """Raise GuardError for a guard that flags too many harmless posts."""
    found = breadth(compiled, posts)
    if found.share > MAX_BREADTH:
        text = found.drafts[0].text
        quoted = text if len(text) <= _MAX_QUOTED else text[:_MAX_QUOTED].rstrip() + "…"
        raise GuardError(
            Message(
                "The pattern matches {share:.1%} of harmless posts, and may match {most:.0%}. "
                "Make it narrower. One of these posts is: {quoted!r}",
                share=found.share,
                most=MAX_BREADTH,
                quoted=quoted,
            ),
            "/parameters/pattern",
        )
