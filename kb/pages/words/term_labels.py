"""The labels of terms in the language of the reader."""

from __future__ import annotations

from functools import cached_property

from kb.domain.permissions import Action, has_role_for
from kb.pages.language import text_languages
from kb.services.accounts.teams import list_teams
from kb.services.core.collection_titles import collection_titles
from kb.services.taxonomy.listing import label
from kb.services.taxonomy.lookup import TermLookup
from kb.web.current_actor import current_actor


class Terms:
    """The labels of terms, and the titles of collections, in the reader's language, and the names of the
    reader's teams.

    Each kind is loaded lazily, when the first of it is asked for.
    """

    @cached_property
    def _lookup(self) -> TermLookup:
        return TermLookup()

    @cached_property
    def _collections(self) -> dict[str, str]:
        return collection_titles(text_languages())

    @cached_property
    def _teams(self) -> dict[str, str]:
        actor = current_actor()
        teams = list_teams(actor) if has_role_for(actor, Action.USE_ACCOUNT) else ()
        return {team["key"]: team["name"] for team in teams}

    def team(self, key: str) -> str:
        """Return the name of a team; its key if it is none of the reader's."""
        return self._teams.get(key, key)

    def collection(self, key: str) -> str:
        """Return the title of a collection; its key if there is no such collection."""
        return self._collections.get(key, key)

    def label(self, namespace: str, key: str) -> str:
        """Return the label of a term; its key if the term no longer exists."""
        term = self._lookup.get(namespace, key)
        return key if term is None else label(term.labels, text_languages())
