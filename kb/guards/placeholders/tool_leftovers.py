"""Leftovers of tools in a text: versions side by side, form labels, file names, HTML."""

from __future__ import annotations

import re
from functools import lru_cache

from kb.guards.placeholders.alternatives import one_of
from kb.guards.placeholders.site import Rule, Site, outside_code

_CLAUSE = r"(?:^|[.!?…:)\n\"”]\s*|\p{So}\s*)"
_NUMBER = r"(?:[1-6]|[A-Da-d]|[אבגד]['׳]?)"
_SURE_VERSION = one_of(
    r"""
    [Vv](?:ersion|ERSION|er\.?)? ALT [Aa]lt(?:ernative)? [Vv]ariant [Vv]ariation [Tt]weet [Cc]aption
    [Hh]eadline [Cc]opy [Hh]ook [Ss]lide גרסה גרסא חלופה וריאציה נוסח ציוץ כיתוב
    """
)
_OPTION = one_of(r"OPTION [Oo]ption [Oo]pt\.? אופציה אפשרות הצעה אופ['׳]")
_LABEL = re.compile(
    rf"({_SURE_VERSION}|{_OPTION}) ?({_NUMBER})(?:/\d)?(?: \([^()\n]{{1,30}}\))? ?(?::|\s[-–—])"
)
_CHOICES = one_of(
    """
    vote votes voting poll which either choose choice pick comment comments decide prefer team
    favou?rite swipe
    """,
    phrases="tell us, or neither, neither (?:one|of)",
)
_HEBREW_CHOICES = one_of(
    "ספרו תגידו כתבו אהובה? הצביעו סקר בחרו איזה איזו תגובות מעדיפים או", phrases="גם וגם, מה עדיף"
)
_CHOICE = re.compile(rf"\b{_CHOICES}\b|(?<!\w){_HEBREW_CHOICES}(?!\w)", re.IGNORECASE)
_ASKS_READERS = re.compile(
    r"\b(?:help us (?:choose|decide|pick)|you (?:choose|decide|pick)|(?:cast your|your) votes?)\b"
    r"|\bvote (?:for|in|now|below|by|on)\b|\bwhich (?:one )?(?:do|would|should) (?:you|we)\b"
    r"|(?<!\w)(?:עזרו לנו (?:להחליט|לבחור)|(?:אתם|אתן) (?:מחליט|בוחר)(?:ים|ות)|מצביע(?:ים|ות)"
    r"|ת?הצביעו)(?!\w)",
    re.IGNORECASE,
)
"""Says that readers choose one of the versions."""

_SLIDE = re.compile(r"slide|שקופית", re.IGNORECASE)
_PICTURED = re.compile(
    r" ?(?:the )?(?:before|after|then|now|expectations?|reality)\b| ?(?:לפני|אחרי|אז|היום)(?!\w)",
    re.IGNORECASE,
)
_SWIPE = re.compile(r"\b(?:swipe|which slide)\b|(?<!\w)(?:החליקו|דפדפו|העבירו)(?!\w)", re.IGNORECASE)
"""Slides that readers are told of: `Slide 1: before. Slide 2: after.`."""

_FORM_LABEL = one_of(
    r"""
    Headline Subhead(?:line|er)? Description Caption Copy Hook Preheader CTA Hashtags Visual Image Post
    Tweet טון ערוץ פלטפורמה לו[\"״]ז ה?טקסט כיתוב קופי האשטא?גים ויזואל פוסט כפתור
    """,
    phrases=r"""
    Body(?: copy| text)?, Primary text, Alt[ -]?text, Subject(?: line)?, Preview text, Call to action,
    Button(?: text)?, Tone(?: of voice)?, קהל(?: יעד)?, כותרת(?: משנה)?, גוף(?: הטקסט)?, הנעה לפעולה,
    שורת נושא
    """,
)
_SURE_LABEL = one_of(
    "Preheader CTA קופי",
    phrases="""
    Subject line, Preview text, Primary text, Body copy, Body text, CTA button, Button text, הנעה לפעולה,
    שורת נושא, טקסט מקדים, טקסט לכפתור
    """,
)
_PRICED = re.compile(
    r"\s*(?:from |only |just |[-־מ]+ ?|רק )?"
    r"(?:[€$£₪] ?\d|\d[\d,.]* ?(?:[€$£₪]|km|miles?|min|hours?|nights?|ש[\"״]ח|ק[\"״]מ|דק|שע|לילות))",
    re.IGNORECASE,
)
"""What an option costs, or how long it is: an offer to readers, not a version of the text."""

_FORM_LABELS = re.compile(rf"(?:^|[.!?…\n\"”)]\s*|[^\w\s]\s+)({_FORM_LABEL}):", re.IGNORECASE)
_INDENT = 20
"""Maximum offset of a label that heads a text, in characters."""

_HTML_TAG = re.compile(r"</\w+>|<(?:p|div|html|body|span|table|img|a)\b")


@lru_cache(maxsize=4)
def _versions(text: str) -> frozenset[tuple[str, str]]:
    """The version labels in a text, with their numbers."""
    return frozenset((name.lower(), number.lower()) for name, number in _LABEL.findall(text))


@lru_cache(maxsize=4)
def _form_labels(text: str) -> frozenset[str]:
    return frozenset(label.lower() for label in _FORM_LABELS.findall(text))


def _has_sibling(site: Site) -> bool:
    label = _LABEL.match(site.found)
    assert label is not None
    name, number = label.group(1).lower(), label.group(2).lower()
    return any(
        other == name and other_number != number for other, other_number in _versions(site.surroundings.text)
    )


def _is_one_of_several(site: Site) -> bool:
    """Whether there is another version in the text."""
    if _SLIDE.match(site.found) and (_PICTURED.match(site.after) or site.surroundings.mentions(_SWIPE)):
        return False
    if site.is_in_documentation or site.surroundings.mentions(_ASKS_READERS):
        return False
    return _has_sibling(site)


def _is_option(site: Site) -> bool:
    """Whether it heads a text or is one of several options, none of them an offer for readers."""
    if site.surroundings.mentions(_CHOICE) or _PRICED.match(site.after):
        return False
    is_first = site.start <= _INDENT and not site.surroundings.text[: site.start].strip()
    return is_first or _has_sibling(site)


def _is_form(site: Site) -> bool:
    """Whether the text has several form labels; a single one may be an ordinary word."""
    if site.is_in_documentation:
        return False
    return len(_form_labels(site.surroundings.text)) > 1


def _is_file(site: Site) -> bool:
    is_in_link = site.before[-1:] in ("/", ".", "@", "=", "-", "%")
    return not is_in_link and not site.is_about_code and site.after[:1] not in ("/", "(")


def _is_escaped(site: Site) -> bool:
    """Whether a plain-text draft contains leftover HTML."""
    is_in_link = "://" in site.before.rpartition(" ")[2]
    is_html = site.surroundings.mentions(_HTML_TAG)
    return not is_in_link and not is_html and not site.is_about_code


RULES = (
    Rule(
        rf"{_CLAUSE}(?P<site>{_SURE_VERSION} ?{_NUMBER}(?:/\d)?(?: \([^()\n]{{1,30}}\))? ?(?::|\s[-–—]))",
        _is_one_of_several,
    ),
    Rule(rf"{_CLAUSE}(?P<site>{_OPTION} ?{_NUMBER}(?: \([^()\n]{{1,30}}\))? ?(?::|\s[-–—]))", _is_option),
    Rule(r"(?m)^\s*(?P<site>(?:Tweet|TWEET|Post|Slide|ציוץ|פוסט|שקופית) \d ?(?:/|of|מתוך) ?\d ?:)"),
    Rule(rf"(?i){_CLAUSE}(?P<site>{_SURE_LABEL}:)", outside_code),
    Rule(rf"(?i){_CLAUSE}(?P<site>{_FORM_LABEL}:)", _is_form),
    Rule(r"^\s*(?P<site>(?:Caption|Copy|Post|Tweet|Post copy|Ad copy):)", outside_code),
    Rule(
        r"^[^\pL\pN]*(?P<site>(?i:draft|rough) (?i:caption|post|copy|tweet|text|version|headline|ad|thread)"
        r"(?:(?: ?(?:#|v|V|(?i:no)\.?)?) ?\d+)? ?(?::|\s[-–—]))",
        outside_code,
    ),
    Rule(
        r"^[^\pL\pN]*(?P<site>(?:Caption|Copy|Version|Headline|Tweet|Draft|Post) ?(?:#|v|V|"
        r"(?i:no)\.? ?)\d+ ?(?::|\s[-–—]))",
        outside_code,
    ),
    Rule(
        r"^[^\pL\pN]*(?P<site>(?:טיוטת|טיוטה של|נוסח|גרסת) ה?(?:פוסט|כיתוב|ציוץ|טקסט|מודעה)(?: (?:מס(?:פר|"
        r"['׳]) ?|#)?\d+)? ?"
        r"(?::|\s[-–—]))"
    ),
    Rule(
        r"(?:^|[\s(])(?P<site>[\pL\pN]+(?:[_-][\pL\pN]+)*_(?:(?i:final|draft|copy|edit|lores|hires)|"
        r"[vV]\d+|\d{3,}|סופי)"
        r"(?:[_-][\pL\pN]+)*)(?:[\s).,:]|$)",
        _is_file,
    ),
    Rule(r"\b(?:IMG|DSC|DSCF|PXL|MVI|GOPR)[_ ]?\d{3,}\b|\bArtboard \d+\b", _is_file),
    Rule(r"(?m)^\s*(?P<site>(?:Layer|Frame|Group|Rectangle|Text Layer|שכבה) \d+)\s*$", outside_code),
    Rule(
        r"(?i)[\pL\pN_()-]+\.(?:jpe?g|png|heic|psd|gif|webp|mov|mp4|tiff?|indd)\b",
        _is_file,
    ),
    Rule(
        r"(?i)\buntitled[ -_]?(?:design|document|post|campaign|project|presentation|artwork|draft|\d+\b)"
        r"|\bnew (?:campaign|post|document|draft|message|email|ad|page)(?: copy)? \(\d+\)"
        r"|\b(?:copy|final|draft|post|caption) \(\d\)",
        outside_code,
    ),
    Rule(
        r"(?m)^\s*(?P<site>Copy of [^\n]{0,40}\b(?i:campaign|post|draft|caption|newsletter|template|email|"
        r"social|v\d|final))\b"
    ),
    Rule(r"(?m)^\s*(?P<site>(?i:untitled|new campaign|new post|new draft))\s*$"),
    Rule(r"(?i)&lt;[^&<>\n]{1,60}&gt;", _is_escaped),
    Rule(
        r"(?i)&(?:nbsp|amp|quot|lt|gt|apos|[lr][ds]quo|mdash|ndash|hellip|#\d{2,5}|#x[0-9a-f]{2,5});|<br "
        r"?/?>",
        _is_escaped,
    ),
    Rule(r"(?i)\[[^\[\]\n]{1,80}\]\(\s*(?:#|url|link|https?://)?\s*\)", outside_code),
    Rule(
        r"(?i)\b(?:your|the)[-_](?:link|url)[-_](?:goes[-_])?here\b"
        r"|\b(?:www\.)?your-?(?:domain|website|site|company|brand|store|link|url)\.(?:com|co|org|net|il)\b",
        outside_code,
    ),
    Rule(
        r"\bInvalid [Dd]ate\b|\bNaN (?:items|points|days|miles|rewards|orders|percent)\b",
        outside_code,
    ),
    Rule(
        r"\b(?:(?i:order of|you have|you saved|you earned|your|arrives on|starts on|for only|only|total of|"
        r"news|thanks|"
        r"congratulations|welcome back|welcome)) ?,? (?P<site>undefined|null|NaN)(?:\s|[!,.]|$)",
        outside_code,
    ),
)
