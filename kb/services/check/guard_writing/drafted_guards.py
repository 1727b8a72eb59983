"""Guards drafted from the facts of an incident, to be tried on its post."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.guard import Guard, GuardType, Severity
from kb.guards.analysis import AnalyzedDraft
from kb.guards.corpus import harmless_drafts
from kb.guards.errors import GuardError
from kb.guards.ruleset import CompiledGuard, compile_guard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kb.domain.draft import Draft
    from kb.search.concepts import ConceptTable


class _Form(NamedTuple):
    """A default guard of a type: its severity, its parameters, its message by language."""

    type: GuardType
    severity: Severity
    parameters: Mapping[str, Any]
    message: Mapping[str, str]


_PLACEHOLDER = _Form(
    GuardType.PLACEHOLDER,
    Severity.STOP,
    {},
    {"en": "This is unfinished: {text}", "he": "הטקסט לא גמור: {text}"},
)
_INVITATION = _Form(
    GuardType.OPEN_INVITATION,
    Severity.CAUTION,
    {},
    {
        "en": "This invites everybody to answer, critics too: {text}",
        "he": "זו הזמנה פתוחה לכולם, גם למבקרים: {text}",
    },
)
_HASHTAG = _Form(
    GuardType.HASHTAG,
    Severity.CAUTION,
    {},
    {"en": "This hashtag can be read in another way: {text}", "he": "אפשר לקרוא את ההאשטאג גם אחרת: {text}"},
)
_LINK = _Form(
    GuardType.LINK,
    Severity.STOP,
    {},
    {"en": "Check this link: {text}", "he": "בדקו את הקישור: {text}"},
)
_ACCOUNT = _Form(
    GuardType.ACCOUNT,
    Severity.CAUTION,
    {"quiet_from": "22:00", "quiet_until": "06:00", "time_zone": "UTC"},
    {
        "en": "Check the account: nobody else has approved this post, and it is out of hours.",
        "he": "בדקו את החשבון: איש מלבדכם לא אישר את הפוסט, והוא מחוץ לשעות העבודה.",
    },
)
_DATE = _Form(
    GuardType.DATE,
    Severity.CAUTION,
    {"tones": ["no-promotion"]},
    {"en": "Think of the day: {day}", "he": "שימו לב ליום: {day}"},
)
_FORMS = (_PLACEHOLDER, _LINK, _INVITATION, _HASHTAG, _DATE, _ACCOUNT)

FAILURE_MODES: Mapping[GuardType, frozenset[str]] = {
    GuardType.PLACEHOLDER: frozenset({"placeholder-published"}),
    GuardType.LINK: frozenset({"placeholder-published", "automation-error"}),
    GuardType.OPEN_INVITATION: frozenset({"ugc-backfire", "hashtag-hijack"}),
    GuardType.HASHTAG: frozenset({"hashtag-hijack"}),
    GuardType.DATE: frozenset({"scheduling-error", "newsjacking", "observance-hypocrisy"}),
    GuardType.ACCOUNT: frozenset({"wrong-account", "access-control"}),
}
"""The failure modes that guards of each type may prevent."""

_THEMES_MESSAGE = {
    "en": "Two subjects that do not go together ({first}; {second}): {{text}}",
    "he": "שני נושאים שלא הולכים יחד ({first}; {second}): {{text}}",
}
_ONE_THEME_MESSAGE = {
    "en": "Think again. A sensitive subject ({first}): {{text}}",
    "he": "חשבו שוב. נושא רגיש ({first}): {{text}}",
}
_SELLING = ("discount", "product", "prize", "meme", "joke", "celebration")
"""The concepts that least suit a sensitive one, worst first."""

_MAX_PAIRS = 3
_MAX_POSTS = 60
"""How many harmless posts are searched for a good example."""


def draft_guards(modes: Sequence[str], concepts: Sequence[str], table: ConceptTable) -> Iterator[Guard]:
    """Yield guards that fit some failure modes, then guards that fit some concepts.

    `concepts` are ordered by weight.
    """
    forms = [form for form in _FORMS if not FAILURE_MODES[form.type].isdisjoint(modes)]
    others = [form for form in _FORMS if form not in forms and form.type in _DETECTED_IN_TEXT]
    yield from map(_of_form, forms)
    yield from _theme_guards(concepts, table)
    yield from map(_of_form, others)


_DETECTED_IN_TEXT = frozenset(
    {GuardType.PLACEHOLDER, GuardType.LINK, GuardType.OPEN_INVITATION, GuardType.HASHTAG}
)
"""The types that depend on the text alone, so they are worth a try for any incident."""


def compiled_or_none(guard: Guard, table: ConceptTable) -> CompiledGuard | None:
    """Compile a guard; None if it is invalid."""
    try:
        return compile_guard(guard, table)
    except GuardError:
        return None


def catches(compiled: CompiledGuard, draft: AnalyzedDraft) -> bool:
    """Whether a guard finds something in a draft."""
    return next(compiled.matches(draft), None) is not None


def good_example(compiled: CompiledGuard, language: str | None, table: ConceptTable) -> Draft | None:
    """A harmless post in a language that a guard lets pass, if any."""
    posts = (post for post in harmless_drafts() if language is None or post.language == language)
    for post in islice(posts, _MAX_POSTS):
        if not catches(compiled, AnalyzedDraft(post, table)):
            return post
    return None


def _of_form(form: _Form) -> Guard:
    return Guard(
        key="suggestion",
        type=form.type,
        severity=form.severity,
        parameters=form.parameters,
        message=form.message,
    )


def _theme_guards(concepts: Sequence[str], table: ConceptTable) -> Iterator[Guard]:
    """Yield guards on pairs of concepts, one of them sensitive, or on a sensitive concept alone."""
    grave = [key for key in concepts if table.concepts[key].risky]
    others = [
        *(key for key in _SELLING if key in concepts),
        *(key for key in concepts if key not in _SELLING),
    ]
    pairs = [(key, other) for key in grave for other in others if other != key]
    pairs = [pair for number, pair in enumerate(pairs) if pair[::-1] not in pairs[:number]]
    for pair in pairs[:_MAX_PAIRS]:
        yield _theme_guard(pair, _THEMES_MESSAGE, table)
    if not pairs and grave:
        yield _theme_guard((grave[0],), _ONE_THEME_MESSAGE, table)


def _theme_guard(keys: tuple[str, ...], message: Mapping[str, str], table: ConceptTable) -> Guard:
    def text(language: str, template: str) -> str:
        labels = [table.concepts[key].labels.get(language, key) for key in keys]
        return template.format(first=labels[0], second=labels[-1])

    return Guard(
        key="suggestion",
        type=GuardType.THEMES,
        severity=Severity.CAUTION,
        parameters={"all_of": [[key] for key in keys], "within": "post"},
        message={language: text(language, template) for language, template in message.items()},
    )
