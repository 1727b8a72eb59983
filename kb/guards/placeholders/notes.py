"""Notes to colleagues left in a text: what to add, or that it is a draft or a test."""

from __future__ import annotations

import re

from kb.guards.placeholders.alternatives import one_of
from kb.guards.placeholders.note_words import CONTENT
from kb.guards.placeholders.site import Rule, Site

_THING = one_of(
    "text graphic creative body subject discount offer code location",
    phrases=f"subject line, promo code, {CONTENT}",
)
_THINGS = rf"{_THING}(?: ?(?:,|and|&|\+|/|or) ?(?:the |a )?{_THING})*"

_BEGINS_CLAUSE = re.compile(r"(?:^|[-–—*|:;.,!?()\[\]{}<>\"“'_/>#•]\s*)\s*$")
_BEGINS_NOTE = re.compile(r"(?:^|[-–—*|:()\[\]{}<>_/#•]|\.\.\.)\s*$")
_ENDS_CLAUSE = re.compile(
    r"\s*(?:$|[-–—*|:;.,!()\[\]{}<>\"”'_/]|(?:here|below|later|from|tbd|asap|pls|please)\b)", re.IGNORECASE
)
_ENDS_NOTE = re.compile(r"\s*(?:[.!]*\s*$|[*|)\]}<>_/]|[-–—]\s|(?:here|later|tbd)\b)", re.IGNORECASE)
_OPENS_BRACKET = re.compile(r"[(\[{<*]$")

_DETERMINER = re.compile(
    r"\b(?:the|a|an|this|that|our|my|your|their|see|click|tap|follow|full|more|via)\s+$"
    r"|(?<!\w)(?:את|לחצו על)\s+$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\b(?:we|they|you|i|please|why|never|kindly|users|always|can|must|should|to|and|or)\s+$|\bplease,?\s+$",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"\s*(?:(?:yet|until|till|before|unless|w/o|pending)\b|without\b(?! (?:fact-?)?(?:checking|thinking|"
    r"reading|looking)\b(?! (?:with|by|in with)\b))|\W*$|[-–—*)\]}>!.:])",
    re.IGNORECASE,
)
_OTHER_DRAFT = re.compile(
    r"\b(?:beer|ale|ipa|lager|taps?|pints?|picks?|round|league|nfl|nba|mlb|nhl|wnba|horse)\b", re.IGNORECASE
)
_LABELED = re.compile(
    r"\s*(?:[:*)\]}>|]|[-–—](?!\w)|$|v\d|(?:only|copy|not|do not|for review|for approval|draft)\b)",
    re.IGNORECASE,
)
_COMPOUND = re.compile(r"-\w")
"""A word that goes on: `Test post-workout shakes`."""

_OTHER_TEST = re.compile(r"\b(?:emergency|alert|system|broadcast|sirens?|drill|of the)\b", re.IGNORECASE)
_ANNOUNCED_TEST = re.compile(
    r"\b(?:sirens?|(?:fire|smoke) alarms?|alarm (?:system|bells?)|evacuation|public address|"
    r"emergency (?:alerts?|broadcasts?|system|drill)|warning system|alert system)\b",
    re.IGNORECASE,
)
"""Systems whose tests are announced: `This is a test. On Wednesday the county will sound all sirens`."""

_ENDS_NAME = re.compile(r"\s*(?:$|[:)\]*.|_-])")
_ENDS_HEADING = re.compile(r"\s*[:–—-]")
_INSTRUCTION = re.compile(
    r"\b(?:needs?|add|copy|link|insert|tbd|tbc|tk|image|check|confirm|note|draft|approve|approval|replace|update|"
    r"write|ask|caption|todo|waiting|placeholder|pending|edit|fix|internal|legal|do not|don't|here)\b"
    r"|(?<!\w)(?:צריך|חסרה?|להוסיף|להשלים|לעדכן|לבדוק|לאשר|לשנות|לתקן|לכתוב|לינק|קישור|טקסט|קופי|טיוטה|הערה|"
    r"לפרסם|לפרסום|לאישור|לשאול|כאן|ממתין|ממתינים)(?!\w)",
    re.IGNORECASE,
)
_RATING = "***** "


def is_clause(site: Site) -> bool:
    """Whether it stands alone between punctuation or the ends of a line."""
    return _BEGINS_CLAUSE.search(site.before) is not None and _ENDS_CLAUSE.match(site.after) is not None


def lacks_link(site: Site) -> bool:
    """Whether a link is announced but missing."""
    if _DETERMINER.search(site.before):
        return False
    return _OPENS_BRACKET.search(site.before) is not None or not site.surroundings.has_link


def is_withheld(site: Site) -> bool:
    """Whether it tells a colleague not to publish the text, rather than the public not to post something."""
    if site.found.isupper():
        return True
    is_order = _BEGINS_CLAUSE.search(site.before) is not None and _SUBJECT.search(site.before) is None
    return is_order and _UNTIL.match(site.after) is not None


def _is_need(site: Site) -> bool:
    return is_clause(site) and not site.after.lstrip().startswith("?")


def _stands_alone(site: Site) -> bool:
    """Whether it stands alone between brackets, asterisks, dashes or the ends of a line."""
    is_begun = _BEGINS_NOTE.search(site.before) is not None
    return is_begun and _ENDS_NOTE.match(site.after) is not None and not site.is_about_code


def _is_slot(site: Site) -> bool:
    return is_clause(site) and _ENDS_NOTE.match(site.after) is not None


def _is_order(site: Site) -> bool:
    return not site.is_about_code and _SUBJECT.search(site.before) is None


def _is_starred_note(site: Site) -> bool:
    """Whether text between rows of asterisks is an instruction, and not a masked word or a rating."""
    if site.before[-1:].isalnum() or site.after[:1].isalnum() or site.found.startswith(_RATING):
        return False
    return _INSTRUCTION.search(site.found) is not None


def _is_heading(site: Site) -> bool:
    """Whether it comes first in its line or in brackets."""
    if _OPENS_BRACKET.search(site.before.rstrip()):
        return True
    return not site.before.strip(" \t-–—#_/|.>!")


def _is_draft(site: Site) -> bool:
    """Whether it marks the text as a draft, and is not another kind of draft, such as a beer."""
    if not _is_heading(site) or _OTHER_DRAFT.search(site.before + site.after):
        return False
    return site.found[-1:].isdigit() or _LABELED.match(site.after) is not None


def _awaits_approval(site: Site) -> bool:
    return _stands_alone(site) or (_is_heading(site) and _ENDS_HEADING.match(site.after) is not None)


def _is_file_version(site: Site) -> bool:
    return _ENDS_NAME.match(site.after) is not None


def _is_test(site: Site) -> bool:
    if site.surroundings.mentions(_ANNOUNCED_TEST):
        return False
    is_compound = _COMPOUND.match(site.after) is not None
    is_other = is_compound or _OTHER_TEST.search(site.after) is not None
    return not is_other and _SUBJECT.search(site.before) is None


def _is_mashed(site: Site) -> bool:
    return not site.after.startswith("-") and not site.is_about_code


RULES = (
    Rule(r"\*{3,} ?[^*\n]{2,120}\*{3,}", _is_starred_note),
    Rule(
        r"(?i)\b(?:needs?|needing|missing|awaiting|waiting for|pending) (?:the |a |an |final |new )?"
        rf"{_THINGS}\b",
        _is_need,
    ),
    Rule(r"(?i)\b(?:need|missing) copy (?:and|&|\+) links?\b"),
    Rule(r"(?i)\badd copy\b", is_clause),
    Rule(
        r"(?i)\b(?:add|insert|replace|paste|drop|attach) (?:in )?(?:the |a |an |your |our |final )?"
        rf"{_THINGS}\b",
        _stands_alone,
    ),
    Rule(
        r"(?i)\b(?:insert|add|paste|put|type|drop) (?:the |a |an |your |our |final )?"
        rf"{_THINGS} (?:in )?here\b",
        _is_order,
    ),
    Rule(rf"(?i)\b{_THINGS} (?:goes|go) here\b"),
    Rule(
        r"(?i)\b(?:your|some|body|main|sample|dummy) "
        r"(?:text|copy|headline|title|caption|message|content|ad copy) (?:goes )?here\b"
    ),
    Rule(
        r"(?i)\b(?:copy|text|image|img|photo|headline|title|caption|cta|logo|visual|quote|video|hashtags?) "
        r"here\b",
        _is_slot,
    ),
    Rule(r"(?i)\b(?:placeholder|dummy) (?:text|copy|image|caption|link|headline|title)\b", is_clause),
    Rule(r"\bPLACEHOLDER\b|(?im)^[^\pL\pN]*placeholder[^\pL\pN]*$"),
    Rule(r"(?i)\bclick (?:here )?to (?:add (?:text|title|subtitle|notes?)|edit)\b", is_clause),
    Rule(r"(?i)\bignore this (?:post|tweet|message|test|draft)\b", is_clause),
    Rule(r"(?m)^[^\pL\pN]*(?P<site>INTERNAL(?: ONLY)?):"),
    Rule(r"(?i)\blinks? (?:here|to come|coming|to follow|tk|tbd|tbc|pending|placeholder)\b", lacks_link),
    Rule(
        r"(?i)\b(?:copy|text|image|headline|title|caption|visual|quote|art|photo|cta|price|offer) "
        r"(?:to come|to follow|pending|placeholder)\b",
        is_clause,
    ),
    Rule(
        r"(?i)\b(?:copy|text|image|photo|headline|caption|visual|quote|art|cta|hashtags?) (?:tbd|tbc|tk)\b",
        is_clause,
    ),
    Rule(
        r"(?i)\b(?:(?:do not|don['’]t) (?:publish|post|release|send|tweet|use)|hold for approval"
        r"|not for (?:publication|release|publishing|posting)|(?:for )?internal (?:use )?only"
        r"|not approved(?: yet)?)\b",
        is_withheld,
    ),
    Rule(
        r"(?i)\b(?:for (?:your |client |legal |final )?(?:approval|review)"
        r"|(?:pending|awaiting|needs|waiting for) (?:client |legal |final |your )?(?:approval|sign-?off))\b",
        _awaits_approval,
    ),
    Rule(
        r"\b(?:(?i:first|1st|second|2nd|final|rough|working) )?(?i:draft)\b(?: ?(?i:v|#|no\.? ?)?\d+)?\b",
        _is_draft,
    ),
    Rule(r"(?i)\bv\d+[ _-]final\b|\bfinal[ _-](?:v\d+|final)\b", _is_file_version),
    Rule(
        r"(?i)^[^\pL\pN]*(?P<site>test(?:ing)?(?: test(?:ing)?)+(?: 1| 123)?|test(?:ing)? (?:123|1 2 3))\b"
        r"|\btest post\b|\bthis is (?:just |only )?a test\b",
        _is_test,
    ),
    Rule(r"(?i)\b(?:asdf|sdfg|dfgh)+(?:jkl;?|gh)?\b|\bqwertyuiop\b|שדגכ", _is_mashed),
)
