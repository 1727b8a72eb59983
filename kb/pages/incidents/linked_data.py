"""An incident as JSON-LD (schema.org), for search engines and programs that cite it.

It is in a `<script type="application/ld+json">`, which browsers treat as data: they never run it, so
the Content-Security-Policy does not apply to it. The template escapes it with `tojson`, so that no text of
an incident can end the element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = "Brand Postmortems"


def linked_data(incident: Mapping[str, Any], url: str) -> dict[str, Any]:
    """Return the JSON-LD of an incident whose page has this URL, without unknown values."""
    data = {
        "@context": "https://schema.org",
        "@type": "Article",
        "@id": url,
        "url": url,
        "headline": incident["title"],
        "abstract": incident["summary"],
        "inLanguage": incident["language"],
        "datePublished": incident["published_at"],
        "dateModified": incident["updated_at"],
        "version": str(incident["version"]),
        "isPartOf": {"@type": "Dataset", "name": _NAME},
        "publisher": {"@type": "Organization", "name": _NAME},
        "about": {"@type": "Organization", "name": incident["organization"]},
        "keywords": ", ".join(incident["tags"]),
        "citation": [
            {
                "@type": "CreativeWork",
                "name": source["title"],
                "publisher": source["publisher"],
                "url": source["url"],
                "archivedAt": source["archive_url"],
                "datePublished": source["published_on"],
            }
            for source in incident["sources"]
        ],
    }
    known: dict[str, Any] = _known(data)
    return known


def open_graph_locale(language: str) -> str | None:
    """Return a language with its likely territory, which Open Graph requires: `he_IL`. None without one."""
    likely = get_global("likely_subtags").get(language, language.replace("-", "_"))
    try:
        locale = Locale.parse(likely)
    except (ValueError, UnknownLocaleError):
        return None
    return f"{locale.language}_{locale.territory}" if locale.territory else None


def _known(value: Any) -> Any:
    """Return a value without empty members."""
    if isinstance(value, dict):
        return {name: _known(member) for name, member in value.items() if member not in (None, "", [])}
    return [_known(item) for item in value] if isinstance(value, list) else value
