"""The titles of collections, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from kb.domain.language import DEFAULT_LANGUAGE, choose_language
from kb.models import Collection, db

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def collection_titles(languages: Sequence[str]) -> dict[str, str]:
    """The titles of the added collections, by key, each in the first of the languages that it has."""
    rows = db.session.execute(select(Collection.key, Collection.titles))
    return {key: titles[language_of(titles, languages)] for key, titles in rows}


def language_of(texts: Mapping[str, str], languages: Sequence[str]) -> str:
    """The first of some languages that the texts have, else English, else the first language of the texts."""
    fallback = DEFAULT_LANGUAGE if DEFAULT_LANGUAGE in texts else next(iter(texts))
    return choose_language(languages, [*texts], fallback)
