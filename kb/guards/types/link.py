"""The type `link`: a link that is announced but missing, broken, or one that readers cannot open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.guards.broken_links import BROKEN_LINK, is_broken_link, split_attached
from kb.guards.errors import GuardError
from kb.guards.link_hosts import is_staging
from kb.guards.links import Link, split_url
from kb.guards.matcher import Match
from kb.guards.missing_links import missing_links
from kb.guards.placeholders.site import Site, Surroundings
from kb.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from urllib.parse import SplitResult

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.clean_text import Span
    from kb.guards.parameters import Parameters
    from kb.search.concepts import ConceptTable

CHECKS = ("missing", "broken", "staging")

_REASONS: Mapping[str, Mapping[str, str]] = {
    "missing": {"en": "a link is announced, and there is none", "he": "הובטח קישור, ואין קישור"},
    "broken": {"en": "the link is broken", "he": "הקישור שבור"},
    "staging": {
        "en": "the link leads to a place that readers cannot open",
        "he": "הקישור מוביל למקום שהקוראים לא יכולים להגיע אליו",
    },
}

_MAY_BE_BROKEN = re.compile(r"//|:[/\\]|[wW]{3}")
_TRAILING = ".,;:!?)]}>\"'"
_ABOUT_SCHEMES = re.compile(
    r"\b(?:look for|starts? with|starting with|begins? with|beginning with|check for|address bar|prefix|"
    r"scheme|protocol|without|includes?|the|an?)\W*$|(?<!\w)(?:מתחיל ב|מתחילה ב|בתחילת|חפשו|שורת הכתובת)\W*$",
    re.IGNORECASE,
)
_ABOUT_SCHEMES_AFTER = re.compile(r"\W*(?:in the|at the|prefix|scheme|בשורת|בתחילת)\b", re.IGNORECASE)
_COMMANDS = re.compile(
    r"\b(?:npm|pip|docker|curl|run|running|runs|install|server|start|serve|browser|port|tutorial)\b|התקנה|הריצו|דפדפן",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?:\*\.)?[^\W_](?:[\w-]*\w)?(?:\.[^\W_](?:[\w-]*\w)?)*(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class LinkMatcher:
    """Checks the links in a text and those attached to it.

    `{link}` and `{reason}` fill the message. An attached link has no span; `{text}` is the link itself.
    """

    checks: frozenset[str]
    hosts: tuple[str, ...]
    allowed: tuple[str, ...]

    @property
    def needs_link(self) -> bool:
        """Whether it cannot find anything in a draft without links."""
        return self.checks == {"staging"}

    def matches(self, draft: AnalyzedDraft) -> Iterator[Match]:
        """The problems with a draft's links: links in the text, in order, then attached links."""
        surroundings = draft.surroundings
        links = draft.links
        broken = [] if self.needs_link else draft.once(_broken_sites)
        found: list[tuple[Span, str]] = []
        if "missing" in self.checks and not (links or broken or draft.draft.links):
            found += [(draft.clean.span(*part), "missing") for part in draft.once(missing_links)]
        if "broken" in self.checks:
            found += [(draft.clean.span(site.start, site.end), "broken") for site in broken]
        if "staging" in self.checks:
            found += [
                (draft.clean.span(link.start, link.end), "staging")
                for link in links
                if self._is_staging(split_url(link.url)) and not _is_instruction(link, surroundings)
            ]
        for span, check in sorted(found):
            yield _match(span, draft.text_at(span), check)
        yield from self._matches_beside(draft.draft.links)

    def _matches_beside(self, links: tuple[str, ...]) -> Iterator[Match]:
        for link in links:
            if "staging" in self.checks and self._is_staging(split_attached(link)):
                yield _match(None, link, "staging")
            elif "broken" in self.checks and is_broken_link(link):
                yield _match(None, link, "broken")

    def _is_staging(self, parts: SplitResult | None) -> bool:
        return parts is not None and is_staging(parts, self.hosts, self.allowed)


def parse_link(parameters: Parameters, concepts: ConceptTable) -> LinkMatcher:  # noqa: ARG001
    """Read the parameters of a guard on links. Raises GuardError.

    - `checks`: what to look for: `missing`, `broken`, `staging`; all of them by default.
    - `hosts`: hosts of the team that readers cannot open, including their subdomains.
    - `except`: hosts that readers can open, whatever their names look like.
    """
    checks = parameters.choices("checks", CHECKS, CHECKS)
    if not checks:
        raise GuardError(
            Message("Write what to look for: {choices}.", choices=", ".join(CHECKS)), "/parameters/checks"
        )
    return LinkMatcher(frozenset(checks), _hosts(parameters, "hosts"), _hosts(parameters, "except"))


def _hosts(parameters: Parameters, name: str) -> tuple[str, ...]:
    hosts = parameters.texts(name)
    for position, host in enumerate(hosts):
        if not _HOST.fullmatch(host.strip()):
            message = Message(
                "{host!r} is no host. Write one such as staging.example.com, without https://.", host=host
            )
            raise GuardError(message, f"/parameters/{name}/{position}")
    return tuple(host.strip().lower().removeprefix("*.") for host in hosts)


def _match(span: Span | None, link: str, check: str) -> Match:
    named = {"link": {"": link}} if span else {"link": {"": link}, "text": {"": link}}
    return Match(span, {**named, "reason": _REASONS[check]})


def _broken_sites(draft: AnalyzedDraft) -> list[Site]:
    """The broken links in a text, without trailing punctuation."""
    surroundings = draft.surroundings
    sites: list[Site] = []
    if _MAY_BE_BROKEN.search(surroundings.text) is None:
        return sites
    for match in BROKEN_LINK.finditer(surroundings.text):
        whole = match.group()
        trimmed = whole.rstrip(_TRAILING)
        is_bare = trimmed.endswith("/") or trimmed.lower() in ("http", "https")
        end = match.start() + (len(whole) if is_bare and whole.endswith("/") else len(trimmed))
        site = Site(surroundings, match.start(), end)
        if not site.is_in_code and not (is_bare and _is_about_schemes(site)):
            sites.append(site)
    return sites


def _is_about_schemes(site: Site) -> bool:
    """Whether a text is about how links begin."""
    is_quoted = site.before[-1:] in ("'", '"', "“", "‘") and bool(site.before)
    return is_quoted or bool(_ABOUT_SCHEMES.search(site.before) or _ABOUT_SCHEMES_AFTER.match(site.after))


def _is_instruction(link: Link, surroundings: Surroundings) -> bool:
    """Whether a link is an example for developers, who run a server of their own."""
    if Site(surroundings, link.start, link.end).is_in_code:
        return True
    is_technical = surroundings.is_documentation or bool(surroundings.code_spans)
    return is_technical and surroundings.mentions(_COMMANDS)
