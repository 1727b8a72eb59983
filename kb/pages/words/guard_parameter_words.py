"""The labels of the choices in guard parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.pages.messages import _l

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.pages.messages import LazyText

PARAMETERS: Mapping[str, LazyText] = {
    "phrases": _l("The words"),
    "words": _l("The words that nobody wants to read"),
    "pattern": _l("The pattern"),
    "all_of": _l("The subjects that do not go together"),
    "concepts": _l("Subjects"),
    "within": _l("Where they stand"),
    "distance": _l("Words between them, if these count"),
    "except": _l("Lets pass"),
    "unless": _l("Unless it also says"),
    "none_of": _l("Unless it is about"),
    "marks": _l("Your team's own marks of what is not finished"),
    "hosts": _l("Hosts that only you can open"),
    "accounts": _l("The only accounts that may publish"),
    "observances": _l("Single days"),
    "time_zone": _l("Time zone"),
}
"""The names of guard parameters that change most, as the form calls them."""

PLACEHOLDER_KINDS: Mapping[str, LazyText] = {
    "form": _l("blanks, merge fields and notes, by their form"),
    "note": _l("sentences that read like a note to a colleague"),
    "slip": _l("repetitions, ends that break off and other slips"),
    "day": _l("days that are past by then, or on another day of the week"),
}
INVITATION_KINDS: Mapping[str, LazyText] = {
    "form": _l("requests to the public for something of its own: photos, stories, questions"),
    "wording": _l("sentences that read like such a request, whatever their form"),
}
INVITATION_REQUIREMENTS: Mapping[str, LazyText] = {"tag": _l("a hashtag or a handle"), "prize": _l("a prize")}
LINK_CHECKS: Mapping[str, LazyText] = {
    "missing": _l("links that are announced and missing"),
    "broken": _l("links that are broken"),
    "staging": _l("links that only you can open"),
}
TONE_WORDS: Mapping[str, LazyText] = {
    "no-promotion": _l("days on which nobody should advertise"),
    "careful": _l("days that ask for care"),
    "fine": _l("days that are fine for a post"),
}
DAY_KIND_WORDS: Mapping[str, LazyText] = {
    "commercial": _l("shopping days"),
    "religious": _l("religious days"),
    "commemoration": _l("days of remembrance"),
    "tragedy": _l("anniversaries of a tragedy"),
    "awareness": _l("days for a cause"),
}
