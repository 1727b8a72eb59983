"""The parameters of a guard in words: what it looks for, and what it lets pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.guard import GuardType
from kb.guards.types.date import TRIBUTE_CONCEPTS
from kb.pages.countries import country_name
from kb.pages.guards.guard_subjects import concept_name, days_of, industry_names
from kb.pages.language import is_in_interface_script, text_languages
from kb.pages.messages import _, _n
from kb.pages.words.guard_parameter_words import (
    DAY_KIND_WORDS,
    INVITATION_KINDS,
    INVITATION_REQUIREMENTS,
    LINK_CHECKS,
    PLACEHOLDER_KINDS,
    TONE_WORDS,
)
from kb.services.taxonomy.listing import label, term_names
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kb.domain.guard import Guard

MAX_SHOWN = 10
"""How many values of a rule are shown at once; the others are collapsed."""


class Rule(NamedTuple):
    """One rule of a guard: a heading, and values in words; words of drafts if `is_quoted`, or an expression
    for programs if `is_code`."""

    heading: str
    shown: list[str]
    folded: list[str]
    is_quoted: bool
    is_code: bool = False


def rules_of(guard: Guard) -> list[Rule]:
    """Describe what a guard looks for, in which drafts, and where it applies, in the interface's language."""
    return [*_BY_TYPE[guard.type](guard.parameters, guard), *_limits(guard)]


def _placeholder(parameters: Mapping[str, Any], _guard: Guard) -> Iterator[Rule]:
    yield from _said(_("Looks for"), [PLACEHOLDER_KINDS[kind] for kind in parameters.get("kinds", ["form"])])
    yield from _quoted(_("Also finds"), parameters.get("marks"))
    yield from _quoted(_("Lets pass"), parameters.get("except"))


def _phrase(parameters: Mapping[str, Any], _guard: Guard) -> Iterator[Rule]:
    exact = parameters.get("exact", False)
    heading = _("Looks for any of, exactly so") if exact else _("Looks for any of, in any form")
    yield from _quoted(heading, parameters["phrases"])
    yield from _quoted(_("Lets pass"), parameters.get("except"))
    if parameters.get("outside_quotes"):
        yield from _said(_("Lets pass"), [_("what stands in quotation marks")])
    yield from _quoted(_("Unless it also says"), parameters.get("unless"))


def _pattern(parameters: Mapping[str, Any], _guard: Guard) -> Iterator[Rule]:
    yield Rule(_("Its regular expression"), [], [parameters["pattern"]], is_quoted=False, is_code=True)
    yield from _quoted(_("Lets pass"), parameters.get("except"))
    yield from _quoted(_("Unless it also says"), parameters.get("unless"))


def _themes(parameters: Mapping[str, Any], _guard: Guard) -> Iterator[Rule]:
    for number, group in enumerate(parameters["all_of"]):
        heading = _("and a word about any of") if number else _("Looks for a word about any of")
        yield from _named(heading, group)
    if len(parameters["all_of"]) > 1:
        yield from _said(_("Where they stand"), [_place(parameters)])
    yield from _quoted(_("Only beside"), parameters.get("near"))
    yield from _named(_("Only if unmistakable, words about"), parameters.get("clear_only"))
    yield from _quoted(_("Lets pass"), parameters.get("except"))
    yield from _named(_("Unless it is about"), parameters.get("none_of"))
    yield from _quoted(_("Unless it also says"), parameters.get("unless"))
    yield from _quoted(_("Unless beside"), parameters.get("unless_near"))


def _place(parameters: Mapping[str, Any]) -> str:
    within = parameters.get("within", "sentence")
    if within == "distance":
        number = parameters.get("distance", 10)
        return _n("with at most one word between", "with at most %(num)s words between", number)
    return _("anywhere in the post") if within == "post" else _("in one sentence")


def _open_invitation(parameters: Mapping[str, Any], _guard: Guard) -> Iterator[Rule]:
    yield from _said(_("Looks for"), [INVITATION_KINDS[parameters.get("kind", "form")]])
    required = parameters.get("require", INVITATION_REQUIREMENTS)
    yield from _said(_("Only beside"), [INVITATION_REQUIREMENTS[key] for key in required])
    yield from _named(_("Only if it is about"), parameters.get("concepts"))
    industries = parameters.get("industries", ())
    names = industry_names() if industries else {}
    is_choice = bool(parameters.get("concepts"))
    heading = _("or if it is of the industries") if is_choice else _("Only if it is of the industries")
    yield from _said(heading, [names.get(key, key) for key in industries])
    yield from _quoted(_("Lets pass"), parameters.get("except"))
    yield from _quoted(_("Unless it also says"), parameters.get("unless"))


def _date(parameters: Mapping[str, Any], guard: Guard) -> Iterator[Rule]:
    tones = [TONE_WORDS[tone] for tone in parameters.get("tones", ())]
    yield from _said(_("Looks at"), [*tones, *(DAY_KIND_WORDS[kind] for kind in parameters.get("kinds", ()))])
    days = [row.get("name") or {"en": row["rule"]} for row in parameters.get("days", ())]
    days += [row.names for row in days_of(guard)]
    yield from _said(_("The days"), dict.fromkeys(label(names, text_languages()) for names in days))
    if (evening := parameters.get("evening_before")) is not None:
        yield from _said(_("The evening before"), [_("counts, too") if evening else _("does not count")])
    yield from _named(_("Only with a word about any of"), parameters.get("concepts"))
    tributes = parameters.get("except_concepts", TRIBUTE_CONCEPTS)
    yield from _named(_("Lets pass what is about"), tributes)


def _link(parameters: Mapping[str, Any], _guard: Guard) -> Iterator[Rule]:
    yield from _said(_("Looks for"), [LINK_CHECKS[check] for check in parameters.get("checks", LINK_CHECKS)])
    yield from _quoted(_("Only you can open"), parameters.get("hosts"))
    yield from _quoted(_("Lets pass"), parameters.get("except"))


def _hashtag(parameters: Mapping[str, Any], _guard: Guard) -> Iterator[Rule]:
    yield from _said(_("Looks for"), [_("hashtags in small letters that can also be read in another way")])
    yield from _quoted(_("The words that nobody wants to read"), parameters.get("words"))


def _account(parameters: Mapping[str, Any], _guard: Guard) -> Iterator[Rule]:
    yield from _quoted(_("Only these accounts may publish"), parameters.get("accounts"))
    if "quiet_from" in parameters:
        hours = _(
            "from %(first)s to %(last)s (%(zone)s)",
            first=parameters["quiet_from"],
            last=parameters["quiet_until"],
            zone=parameters["time_zone"],
        )
        yield from _said(_("Two people have to approve"), [hours])


def _approval(parameters: Mapping[str, Any], _guard: Guard) -> Iterator[Rule]:
    concepts = parameters.get("concepts", ())
    yield from _named(_("Looks for a word about any of"), concepts)
    yield from _said(_("Looks at"), [] if concepts else [_("every post")])


_BY_TYPE: Mapping[GuardType, Callable[[Mapping[str, Any], Guard], Iterator[Rule]]] = {
    GuardType.PLACEHOLDER: _placeholder,
    GuardType.PHRASE: _phrase,
    GuardType.PATTERN: _pattern,
    GuardType.THEMES: _themes,
    GuardType.OPEN_INVITATION: _open_invitation,
    GuardType.DATE: _date,
    GuardType.LINK: _link,
    GuardType.HASHTAG: _hashtag,
    GuardType.ACCOUNT: _account,
    GuardType.APPROVAL: _approval,
}


def _limits(guard: Guard) -> Iterator[Rule]:
    platforms = term_names(current_actor(), ("platform",), text_languages())["platform"]
    yield from _said(_("Countries"), map(country_name, guard.countries))
    yield from _said(_("Platforms"), [platforms.get(key, key) for key in guard.platforms])
    yield from _said(_("Accounts"), [f"@{account}" for account in guard.accounts])


def _said(heading: str, values: Iterable[object]) -> Iterator[Rule]:
    """Yield a rule with values in words, if there are any."""
    yield from _rule(heading, [*map(str, values)], is_quoted=False)


def _named(heading: str, keys: Iterable[str] | None) -> Iterator[Rule]:
    """Yield a rule with the names of concepts, if there are any."""
    yield from _rule(heading, [concept_name(key) for key in keys or ()], is_quoted=False)


def _quoted(heading: str, texts: Iterable[str] | None) -> Iterator[Rule]:
    """Yield a rule with words of drafts, if there are any; those in the reader's script come first."""
    words = sorted(texts or (), key=is_in_interface_script, reverse=True)
    yield from _rule(heading, words, is_quoted=True)


def _rule(heading: str, values: list[str], *, is_quoted: bool) -> Iterator[Rule]:
    if values:
        # Collapsing one or two values would take more space than showing them.
        end = MAX_SHOWN if len(values) > MAX_SHOWN + 2 else len(values)
        yield Rule(heading, values[:end], values[end:], is_quoted)
