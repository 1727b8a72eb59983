"""What the pages of guards call types, severities and origins, and how they show a guard's texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from babel import Locale

from kb.domain.guard import GuardOrigin, GuardType, Severity
from kb.pages.language import interface_language, text_languages
from kb.pages.messages import _l
from kb.services.check.findings import unfilled
from kb.services.taxonomy.listing import label
from kb.services.taxonomy.lookup import TermLookup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.guard import Guard
    from kb.pages.messages import LazyText
    from kb.services.check.findings import LocalText


class TypeWords(NamedTuple):
    """The name of a type, and what guards of it look at."""

    name: LazyText
    hint: LazyText


TYPES: Mapping[str, TypeWords] = {
    GuardType.PLACEHOLDER: TypeWords(
        _l("Unfinished text"), _l("What was to be filled in, and was not, such as [date] or TODO.")
    ),
    GuardType.PHRASE: TypeWords(_l("Words"), _l("Words and phrases, in whatever form they are inflected.")),
    GuardType.PATTERN: TypeWords(_l("Pattern"), _l("A regular expression, for numbers and codes.")),
    GuardType.THEMES: TypeWords(
        _l("Subjects"), _l("Subjects that do not go together, such as mourning and a sale.")
    ),
    GuardType.OPEN_INVITATION: TypeWords(
        _l("Open invitation"), _l("What asks everybody to answer, critics too.")
    ),
    GuardType.DATE: TypeWords(_l("Day"), _l("Days on which a post like this is out of place.")),
    GuardType.LINK: TypeWords(_l("Link"), _l("Links that are missing, broken, or work for nobody outside.")),
    GuardType.HASHTAG: TypeWords(_l("Hashtag"), _l("Hashtags that can be read in another way.")),
    GuardType.ACCOUNT: TypeWords(
        _l("Account and hour"), _l("Who publishes, at which hour, and who has approved it.")
    ),
    GuardType.APPROVAL: TypeWords(_l("Approval"), _l("Posts that somebody has to see first.")),
}

SEVERITIES: Mapping[str, LazyText] = {
    Severity.STOP: _l("Do not publish yet"),
    Severity.CAUTION: _l("Think it over first"),
    Severity.NOTE: _l("Take note"),
}

ORIGINS: Mapping[str, LazyText] = {
    GuardOrigin.LESSON: _l("From a lesson"),
    GuardOrigin.TEAM: _l("Of this installation"),
    GuardOrigin.SHIPPED: _l("Shipped"),
}


def local_text(texts: Mapping[str, str]) -> LocalText | None:
    """A guard's text in the reader's language, with dots for what it is filled with; None without any."""
    return unfilled(texts, text_languages())


def limits(guard: Guard) -> dict[str, list[str]]:
    """What a guard is limited to: names of countries, platforms and accounts."""
    countries = Locale.parse(interface_language()).territories
    found = {
        "countries": [str(countries.get(code, code)) for code in guard.countries],
        "platforms": _platform_names(guard.platforms),
        "accounts": [f"@{account}" for account in guard.accounts],
    }
    return {name: values for name, values in found.items() if values}


def as_yaml(value: Any) -> str:
    """A value as YAML, as people write it."""
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=90)


def _platform_names(keys: tuple[str, ...]) -> list[str]:
    if not keys:
        return []
    terms = TermLookup()
    found = [(key, terms.get("platform", key)) for key in keys]
    return [key if term is None else label(term.labels, text_languages()) for key, term in found]
