"""The harmless corpus: posts that a check must let pass, used to measure false alarms."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import orjson

from kb.config import seeds_dir
from kb.guards.analysis import AnalyzedDraft
from kb.guards.definition import to_draft

if TYPE_CHECKING:
    from kb.domain.draft import Draft
    from kb.search.concepts import ConceptTable


@lru_cache(maxsize=1)
def harmless_drafts() -> tuple[Draft, ...]:
    """The posts of `seeds/harmless_drafts.jsonl`, in the order of the file."""
    lines = (seeds_dir() / "harmless_drafts.jsonl").read_text("utf-8").splitlines()
    return tuple(to_draft(orjson.loads(line)) for line in lines)


class Posts(list[AnalyzedDraft]):
    """Posts, analyzed for guards."""

    @cached_property
    def spaced_text(self) -> str:
        """The texts of all posts, concatenated, as seen by patterns (`CleanText.spaced`)."""
        return "".join(post.clean.spaced.text for post in self)


def harmless_posts(concepts: ConceptTable) -> Posts:
    """The posts of `harmless_drafts`, analyzed for guards."""
    return Posts(AnalyzedDraft(draft, concepts) for draft in harmless_drafts())
