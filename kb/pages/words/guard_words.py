"""The names of types, severities and origins on the pages of guards, and the display of a guard's texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from kb.domain.guard import GuardOrigin, GuardType, Severity
from kb.pages.countries import country_name
from kb.pages.language import text_languages
from kb.pages.messages import _l
from kb.pages.words.check_words import KINDS, scheduled
from kb.services.check.guard_texts import title_of, unfilled
from kb.services.taxonomy.listing import term_names
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.guard import Guard
    from kb.pages.messages import LazyText
    from kb.services.check.guard_texts import LocalText


class TypeWords(NamedTuple):
    """The name of a type, and a description of what its guards look at."""

    name: LazyText
    hint: LazyText


TYPES: Mapping[str, TypeWords] = {
    GuardType.PLACEHOLDER: TypeWords(
        _l("Unfinished text"), _l("It finds what was to be filled in and was not, such as [date] or TODO.")
    ),
    GuardType.PHRASE: TypeWords(
        _l("Words"), _l("It finds listed words and phrases, also in the plural and in other forms.")
    ),
    GuardType.PATTERN: TypeWords(
        _l("Pattern"),
        _l("It finds wording that follows a pattern, such as two words near each other or a ticket number."),
    ),
    GuardType.THEMES: TypeWords(
        _l("Subjects"),
        _l("It finds subjects that do not go together, such as mourning and a sale, in whatever words."),
    ),
    GuardType.OPEN_INVITATION: TypeWords(
        _l("Open invitation"),
        _l(
            "It finds what asks everybody to answer, critics too, such as a call for stories under a hashtag."
        ),
    ),
    GuardType.DATE: TypeWords(
        _l("Day"),
        _l("It finds posts that are out of place on their day, such as a sale on a day of remembrance."),
    ),
    GuardType.LINK: TypeWords(
        _l("Link"), _l("It finds links that are missing or broken, or that nobody outside can open.")
    ),
    GuardType.HASHTAG: TypeWords(
        _l("Hashtag"), _l("It finds hashtags that can be read in another way, such as #nowthatchersdead.")
    ),
    GuardType.ACCOUNT: TypeWords(
        _l("Account and hour"),
        _l("It looks at who publishes, when, and who has approved it, such as one person alone at night."),
    ),
    GuardType.APPROVAL: TypeWords(
        _l("Approval"), _l("It finds posts that somebody has to see first, such as those on health.")
    ),
}

SEVERITIES: Mapping[str, LazyText] = {
    Severity.STOP: _l("Do not publish yet"),
    Severity.CAUTION: _l("Think it over first"),
    Severity.NOTE: _l("Take note"),
}

ORIGINS: Mapping[str, LazyText] = {
    GuardOrigin.LESSON: _l("From a lesson"),
    GuardOrigin.TEAM: _l("Of your team"),
    GuardOrigin.SHIPPED: _l("Comes with the library"),
}

FILLED_IN_WORDS: Mapping[str, LazyText] = {
    "text": _l("what was found"),
    "kind": _l("what kind of unfinished text it is"),
    "advice": _l("what to do with text of this kind"),
    "day": _l("the name of the day"),
    "note": _l("what the calendar says of the day"),
    "words": _l("the words that touch the subjects"),
    "link": _l("the link"),
    "reason": _l("what is wrong"),
    "reading": _l("its other reading"),
    "account": _l("the account"),
    "time": _l("the hour"),
    "concept": _l("the subject"),
}
"""The descriptions of the placeholders in messages."""

_NAMESPACES = ("platform", "industry")


def local_text(texts: Mapping[str, str]) -> LocalText | None:
    """Return a guard's text in the reader's language, with dots for placeholders; None without a text."""
    return unfilled(texts, text_languages())


def title(guard: Guard) -> LocalText:
    """Return the title of a guard in the reader's language."""
    return title_of(guard, text_languages())


def draft_facts(draft: Mapping[str, Any]) -> list[str]:
    """Return the facts of an example besides its text, as people read them."""
    names = {} if draft.keys() == {"text"} else term_names(current_actor(), _NAMESPACES, text_languages())
    terms = [names[name].get(draft[name], draft[name]) for name in _NAMESPACES if name in draft]
    countries = map(country_name, draft.get("audience_countries", ()))
    kinds = [str(KINDS[draft["kind"]])] if "kind" in draft else []
    moments = [scheduled(draft["scheduled_at"])] if "scheduled_at" in draft else []
    people = [draft.get("account"), draft.get("organization"), *draft.get("approvers", ())]
    return [*terms, *kinds, *countries, *moments, *filter(None, people)]


def as_yaml(value: Any) -> str:
    """Format a value as readable YAML."""
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=90)
