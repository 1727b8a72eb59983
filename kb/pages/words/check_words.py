"""The wording of verdicts, findings, costs and responses on the pages of checks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from unicodedata import bidirectional

from kb.date_words import day_text
from kb.domain.guard import Severity, Verdict
from kb.domain.incident import ImpactKind
from kb.pages.formats import duration
from kb.pages.language import interface_language
from kb.pages.messages import _, _l, _n
from kb.pages.words.incident_words import COSTS, amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.pages.messages import LazyText

VERDICTS: Mapping[str, LazyText] = {
    "stop": _l("Do not publish yet"),
    "caution": _l("Think it over first"),
    "clear": _l("No problem found"),
}
"""The name of each verdict, wherever it appears: for a draft, in a list, in a calendar."""

SEVERITIES: Mapping[str, LazyText] = {
    "stop": _l("To fix"),
    "caution": _l("To think over"),
    "note": _l("To note"),
}
"""What each severity of a finding asks for."""

KINDS: Mapping[str, LazyText] = {
    "post": _l("a post"),
    "reply": _l("a reply"),
    "repost": _l("a repost"),
    "like": _l("a like"),
    "story": _l("a story"),
    "ad": _l("an ad"),
    "article": _l("an article"),
    "email": _l("an email"),
    "notification": _l("a notification"),
}
"""The kinds of posts that a draft may become."""


def verdict_sentence(verdict: str, counts: Mapping[str, int], left_out: int = 0) -> str:
    """Describe a verdict with the number of its findings, and of suppressed ones, in one or two sentences."""
    if counts["note"] and not (counts["stop"] or counts["caution"] or left_out):
        noted = _n("One thing to note.", "%(num)s things to note.", counts["note"])
        return _("%(verdict)s. %(noted)s", verdict=VERDICTS["clear"], noted=noted)
    parts = [
        _n("one thing to fix", "%(num)s things to fix", counts["stop"]) if counts["stop"] else "",
        _n("one concern", "%(num)s concerns", counts["caution"]) if counts["caution"] else "",
        _n("one to note", "%(num)s to note", counts["note"]) if counts["note"] else "",
    ]
    found = joined([part for part in parts if part])
    if left_out and not found:
        return _n(
            "No other problem found: one finding is left out",
            "No other problem found: %(num)s findings are left out",
            left_out,
        )
    return (
        _("%(verdict)s: %(found)s", verdict=VERDICTS[verdict], found=found)
        if found
        else _("%(verdict)s in this draft", verdict=VERDICTS[verdict])
    )


def tone(verdict: str, counts: Mapping[str, int]) -> str:
    """Return the style of a verdict: that of a note if it is clear, but has notes."""
    return Severity.NOTE.value if verdict == Verdict.CLEAR and counts["note"] else verdict


def listed_sentence(verdict: str, counts: Mapping[str, int]) -> str:
    """Describe a verdict in a list, with the number of its findings."""
    if tone(verdict, counts) == Severity.NOTE:
        return _n("No problem found, one note", "No problem found, %(num)s notes", counts["note"])
    return verdict_sentence(verdict, counts)


def tally_sentence(counts: Mapping[str, int], reruns: int) -> str | None:
    """Describe the outcomes of the checks so far, and how many reruns are left out; None without checks."""
    if not counts["checks"]:
        return None
    sentence = _(
        "%(checks)s so far. %(verdicts)s.",
        checks=_n("One check", "%(num)s checks", counts["checks"]),
        verdicts="; ".join(f"{name}: {counts[key]}" for key, name in VERDICTS.items() if counts[key]),
    )
    if counts["overridden"]:
        sentence += " " + _n(
            "Somebody went ahead anyway once.",
            "Somebody went ahead anyway %(num)s times.",
            counts["overridden"],
        )
    if counts["near_misses"]:
        sentence += " " + _n(
            "One near miss was filed.", "%(num)s near misses were filed.", counts["near_misses"]
        )
    if reruns:
        sentence += " " + _n(
            "One repeated check is not counted.",
            "%(num)s repeated checks are not counted.",
            reruns,
        )
    return sentence


def joined(parts: Sequence[str]) -> str:
    """Join parts as a list within a sentence: `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    first, last = ", ".join(parts[:-1]), parts[-1]
    if bidirectional(last[0]) == "R":
        return _("%(first)s and %(last)s", first=first, last=last)
    # In Hebrew, "and" is a letter before the next word, and has a hyphen before digits and Latin letters.
    return _("%(first)s and %(other)s", first=first, other=last)


def cost_words(cost: Sequence[Mapping[str, Any]]) -> str:
    """Describe the cost of an incident, as a list within a sentence."""
    return joined([_cost(item) for item in cost])


def scheduled(moment: str) -> str:
    """Format when a draft goes out, in its local time: `Sunday, June 6, 2027, 02:40`."""
    local = datetime.fromisoformat(moment)
    return f"{day_text(local, interface_language(), weekday=True)}, {local:%H:%M}"


def playbook_sentence(playbook: Mapping[str, Any], responses: Mapping[str, str]) -> str | None:
    """Describe the responses in the precedents, and how fast they came, in a sentence; None without any."""
    if not playbook["incidents"]:
        return None
    is_one = playbook["incidents"] == 1
    shown = _n("In the one similar case", "In %(num)s similar cases", playbook["incidents"])
    labels = [
        (responses.get(item["kind"], item["kind"]), item["count"]) for item in playbook["responses"][:4]
    ]
    given = ", ".join(
        name if is_one else _("%(response)s (%(number)s)", response=name, number=count)
        for name, count in labels
    )
    if not given:
        sentence = _("%(cases)s, no response is recorded.", cases=shown)
    elif is_one:
        sentence = _("%(cases)s, the response was: %(responses)s.", cases=shown, responses=given)
    else:
        sentence = _("%(cases)s, the known responses were: %(responses)s.", cases=shown, responses=given)
    minutes = playbook["median_minutes"]
    if minutes["remove"] is not None:
        time = duration(minutes["remove"])
        sentence += " " + (
            _("Taken down after %(time)s.", time=time)
            if is_one
            else _("Taken down after %(time)s (median).", time=time)
        )
    if minutes["acknowledge"] is not None:
        time = duration(minutes["acknowledge"])
        sentence += " " + (
            _("Acknowledged after %(time)s.", time=time)
            if is_one
            else _("Acknowledged after %(time)s (median).", time=time)
        )
    return sentence


def _cost(item: Mapping[str, Any]) -> str:
    text = str(COSTS[item["kind"]])
    if item["amount"] is None:
        return _("%(cost)s (alleged)", cost=text) if item["alleged"] else text
    number = amount(item["amount"], item["currency"])
    text = _("other") if item["kind"] == ImpactKind.OTHER else text
    if item["alleged"]:
        return _("%(amount)s (%(cost)s, alleged)", amount=number, cost=text)
    return _("%(amount)s (%(cost)s)", amount=number, cost=text)
