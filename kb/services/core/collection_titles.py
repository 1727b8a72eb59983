"""What collections are called, in the language of the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.domain.language import DEFAULT_LANGUAGE, choose_language
from kb.models import Collection, db

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def collection_titles(languages: Sequence[str]) -> dict[str, str]:
    """The titles of the collections that were added, by key, each in the first language that it has."""
    rows = db.session.execute(select(Collection.key, Collection.titles))
    return {key: titles[language_of(titles, languages)] for key, titles in rows}


def language_of(texts: Mapping[str, str], languages: Sequence[str]) -> str:
    """The first of some languages that texts are in, else English, else the first that there is."""
    fallback = DEFAULT_LANGUAGE if DEFAULT_LANGUAGE in texts else next(iter(texts))
    return choose_language(languages, [*texts], fallback)
