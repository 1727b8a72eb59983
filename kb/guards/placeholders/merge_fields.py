"""Merge fields that an email tool, a template or a person should have filled: `{{name}}`, `[your city]`."""

from __future__ import annotations

import re

from kb.guards.placeholders.editors_words import are_editors
from kb.guards.placeholders.site import GREETING, Rule, Site

_FIELDS = frozenset(
    "slug name names firstname lastname fname lname fullname surname username nickname company organization "
    "organisation business brand store shop branch city town state country region location venue "
    "address street zip postcode date day month year time hour price cost amount sum discount percent "
    "percentage offer deal product item model sku event title headline subject subtitle heading text "
    "copy caption cta link url hyperlink website hashtag hashtags handle number quantity code coupon "
    "promo voucher order invoice phone telephone mobile email customer client user recipient "
    "subscriber contact guest speaker sender signature image img picture logo placeholder deadline "
    "salutation greeting unsubscribe prénom prenom nombre vorname nachname apellido tbd tbc tba tk xx xxx "
    "xxxx x שם עיר יישוב תאריך יום שעה מחיר סכום "
    "קישור לינק כתובת טלפון תמונה כותרת מיקום אחוז אחוזים קוד קופון מספר הנחה סניף טקסט קופי מוצר לוגו "
    "האשטג לקוח חברה ארגון עסק אירוע מייל נמען חתימה מקום כמות תפקיד מרצה דובר דוברת מנחה אורח אורחת "
    "לקוחה שנה חודש רחוב מותג עיסוק מידה צבע אולם נושא תיאור פרטים פרס אתר הטבה סלוגן "
    "holiday occasion season festival weekday anniversary birthday department team industry service category "
    "feature benefit topic destination hotel restaurant dish flavor flavour size color colour artist author "
    "school campus partner sponsor charity position role salary winner prize competitor manager director ceo "
    "president adjective noun verb חג עונה מועד מחלקה צוות תחום שירות יעד מלון מסעדה מנה טעם אמן אמנית "
    "שותף שכר זוכה זוכים מנהל מנהלת".split()
)
_MODIFIERS = frozenset(
    "line your our my the a an their his her of or and to for here below first last full middle new old "
    "start end sale job landing page campaign tracking enter type put add choose attach upload write "
    "include goes area main short long second next כאן פה של שלך שלכם פרטי פרטית משפחה "
    "מלא מלאה להוסיף להכניס הזן הזינו הקלד הקלידו למלא חדש חדשה ו או התחלה סיום".split()
)
_NAMES = frozenset(
    "name firstname lastname fname lname fullname username nickname customer client subscriber recipient "
    "email prénom prenom nombre vorname nachname שם".split()
)
_LABELS = frozenset(
    "event offer deal product text copy price code image picture title guest speaker order location "
    "venue shop store brand item company business day contact model coupon promo voucher date holiday "
    "occasion season festival anniversary birthday team department industry service category topic "
    "destination hotel restaurant dish artist author school campus partner sponsor charity position role "
    "winner prize manager director ceo מוצר אירוע תמונה טקסט הנחה חג עונה מועד מחלקה צוות תחום שירות יעד "
    "מלון מסעדה זוכה זוכים".split()
)
"""Fields that are also used in brackets as a label before a post: `[EVENT] Join us`."""

_VALUED = frozenset(
    "address phone telephone mobile number date day time hour price כתובת טלפון מספר תאריך יום שעה שעת "
    "מחיר".split()
)
"""Fields that are a label if a number follows: `[Address] 12 Main Street`."""

_ORDERS = frozenset(
    "enter type put add choose attach upload write include goes insert להוסיף להכניס הזן הזינו הקלד הקלידו "
    "למלא".split()
)
_OWNERS = frozenset("your our my their his her שלך שלכם".split())
_BEGINS_POST = re.compile(r"[\s:–—-]*(?:[A-Z0-9$€£₪א-ת]|[^\w\s])")
"""Text after a label, which does not go on with a sentence: `[New price] The sofa is now $299`."""

_BEGINS_VALUE = re.compile(r"[^.!?\n]{0,30}\d")
_AWAITS_NOUN_HE = re.compile(r"(?:^|[^א-ת])(?:[ובהלשמכ]{1,3}[-־–]?|(?:של|עם|את|על|אל|עד) )$")
_HEADS = frozenset(
    "name names date time address price code number link url city title location phone email".split()
)
_HEBREW_HEADS = frozenset("שם תאריך שעת מחיר קוד כתובת מספר קישור כותרת".split())
"""Head nouns that make several words a field, whatever the others are: `[HOTEL NAME]`, `[שם המלון]`."""

_COMMENT = re.compile(r"\s[-–—]\s|;\s")
"""Separates a field from a comment on it: `[HOTEL NAME - match to region]`."""

_AWAITS_NOUN = re.compile(
    r"(?:^|[^\w@#])(?:the|our|your|my|their|this|a|an|in|at|to|from|with|for|by|of|on|and|new|happy|merry|dear|"
    r"join|meet|visit|try|book|congratulations|congrats|hi|hello|hey) @?$",
    re.IGNORECASE,
)
"""Context that calls for a noun: one in capitals and brackets there is a field, `our [SEASON] sale`."""

_TAGS = frozenset(
    "video photo photos pic pics live new sponsored promo spoiler spoilers thread update breaking redacted "
    "censored free exclusive poll audio podcast gif sold closed cancelled canceled heart love "
    "link".split()
)
"""Tags in capitals and brackets that are meant for readers."""

_MIN_CAPITALS = 4
"""Fewer letters are an abbreviation of the words before: `Veterans Affairs [VA]`."""

_PICTURES = frozenset({"photo", "video", "screenshot", "gif"})
"""Words in brackets that are a label or a credit, unless followed by "here"."""

_FILL = re.compile(
    r"(?:insert|paste|fill in|fill out|replace with|placeholder)\b"
    r"|(?:הכנס|הכניסו|להכניס|להוסיף|הוסיפו|הוסף|להשלים|השלם|למלא|לעדכן|הזן|חסרה?|חסרים|כאן יבוא)(?!\w)",
    re.IGNORECASE,
)
_JOKES = frozenset(
    "laugh laughs laughter laughing roll drumroll gasp gasps applause drop sigh sighs noise noises sound "
    "sounds "
    "music scream screams screaming shriek dance rimshot pun panic "
    "tears crying facepalm fanfare cheers awe".split()
)
"""Things that readers are asked to imagine: `[insert evil laugh]`."""

_WORD = re.compile(r"[^\W_]+(?:[\"״'’][^\W_]+)*")
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_IDENTIFIER = re.compile(
    r"[A-Za-z]+(?:[_.:][A-Za-z0-9_.:]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|[A-Z][a-z]+(?:[A-Z][a-z]+)+"
)
_HTML = frozenset(
    "a abbr address article aside b body br button caption center cite code data div dl dt em figure "
    "font footer form h1 h2 h3 h4 head header hr html i img input label li link main mark meta nav ol "
    "p picture pre q s section small span strong style sub sup table tbody td text th thead time title "
    "tr u ul".split()
)
_GREETED = re.compile(rf"(?:^|[\n>.!?]\s*)[\W_]*{GREETING},?\s+[\W_]*$")
_ELEMENT = re.compile(r"\s*(?:tag|element)s?\b")
_ESCAPED_BYTE = re.compile(r"[0-9A-Fa-f]{2}")

_SELLS_TEMPLATES = re.compile(
    r"\b(?:templates|printables?|canva|editable|template (?:shop|pack|bundle|library))\b"
    r"|(?<!\w)[הבול]{0,2}(?:תבניות|תבנית חדשה|קנבה)(?!\w)",
    re.IGNORECASE,
)
_SHOWS_FIELD = re.compile(
    r"[\"“״„][^\"”״\n]*$"
    r"|\b(?:replace|swap|edit|change|brackets, (?:like|such as))(?: the)? "
    r"(?:\[[^\[\]]*\](?:,| and|, and| or)? ?)*$"
    r"|(?<!\w)(?:מחליפים|החליפו|עורכים|משנים) את (?:ה-?)?(?:\[[^\[\]]*\],? ו?(?:את )?(?:ה-?)?)*$",
    re.IGNORECASE,
)
"""What a shop of templates writes before a field that buyers fill in: a quotation, a request to edit it."""

_CHECKLIST = re.compile(r"(?m)^\s*(?:[-*] )?\[ ?\] ")
"""A line of a list to tick off."""


def _words(text: str) -> list[str]:
    """The words of a field in lower case, with compound names split: `FIRST_NAME`, `firstName`."""
    divided = _CAMEL_CASE.sub(" ", text.replace("_", " "))
    return [word.lower().removesuffix("'s").removesuffix("’s") for word in _WORD.findall(divided)]


def is_field(text: str) -> bool:
    """Whether a text in brackets says what to fill in: `first name`, `insert joke here`."""
    words = _words(text)
    is_yours = words[:1] == ["your"] and 2 <= len(words) <= 4
    is_place = words[-1:] in (["here"], ["כאן"], ["פה"]) and words[0] in _FIELDS | _PICTURES
    is_filled_in = _FILL.match(text.lstrip()) is not None and not _JOKES.intersection(words)
    return is_filled_in or is_yours or is_place or _names_field(words)


def _names_field(words: list[str]) -> bool:
    """Whether the words name a field and nothing else."""
    plain = [word if word in _FIELDS or word in _MODIFIERS else word.removeprefix("ה") for word in words]
    is_known = all(word in _FIELDS or word in _MODIFIERS for word in plain)
    return len(words) <= 6 and is_known and any(word in _FIELDS for word in plain)


def _is_template(site: Site) -> bool:
    """Whether template code was left unfilled, and is not the subject of the text."""
    return not site.is_in_code and (_addresses_reader(site) or not site.is_in_documentation)


def _addresses_reader(site: Site) -> bool:
    """Whether it is where the reader's name belongs: after a greeting, or first in a line before a comma."""
    return _GREETED.search(site.before) is not None or (not site.before.strip() and site.after[:1] == ",")


def _content(site: Site) -> str:
    return next((group for group in site.groups if group), "")


def _is_template_field(site: Site) -> bool:
    content = _content(site).strip()
    return (is_field(content) or _IDENTIFIER.fullmatch(content) is not None) and _is_template(site)


def _is_bracketed_field(site: Site) -> bool:
    content = _content(site)
    words = _words(content)
    if site.is_in_code or site.after.startswith("("):  # a Markdown link
        return False
    if content.lower() == "x" and site.surroundings.mentions(_CHECKLIST):
        return False
    if site.surroundings.mentions(_SELLS_TEMPLATES) and _SHOWS_FIELD.search(site.before):
        return False
    if _IDENTIFIER.fullmatch(content.strip()):
        return _is_template(site)
    if _is_label(site, words) or _is_call(site, words) or are_editors(site, words):
        return False
    field = _COMMENT.split(content, maxsplit=1)[0]
    is_known = is_field(content) or is_field(field) or _has_head(_words(field))
    return is_known or _is_unnamed(site, content, words)


def _is_label(site: Site, words: list[str]) -> bool:
    """Whether it heads a line as a label: `[EVENT] Join us`, `[New Product] Our oat cookies are here`."""
    if site.before.strip() or not site.after.strip():
        return False
    if len(words) == 1 and words[0] in _LABELS:
        return True
    if not _OWNERS.isdisjoint(words) or not _ORDERS.isdisjoint(words) or not _NAMES.isdisjoint(words):
        return False
    if not _VALUED.isdisjoint(words) and _BEGINS_VALUE.match(site.after):
        return True
    is_label = not _LABELS.isdisjoint(words) and not _has_head(words)
    is_new = words[:1] in (["new"], ["sale"]) or words[-1:] in (["חדש"], ["חדשה"], ["אורח"], ["אורחת"])
    return len(words) > 1 and (is_label or is_new) and _BEGINS_POST.match(site.after) is not None


def _is_call(site: Site, words: list[str]) -> bool:
    """Whether it heads a line, and names something of the readers that is no field: `[Your turn!]`."""
    if words[:1] != ["your"] or site.before.strip():
        return False
    return _FIELDS.isdisjoint(words) and words[-1] != "here"


def _is_unnamed(site: Site, content: str, words: list[str]) -> bool:
    """Whether words in capitals are where a noun is expected: `our [SEASON] sale`."""
    is_capitals = content.isupper() and len(content) >= _MIN_CAPITALS and len(words) <= 3
    return is_capitals and _TAGS.isdisjoint(words) and _AWAITS_NOUN.search(site.before) is not None


def _has_head(words: list[str]) -> bool:
    """Whether the words end (in Hebrew: begin) with the head noun of a field."""
    return 2 <= len(words) <= 4 and (words[-1] in _HEADS or words[0] in _HEBREW_HEADS)


def _is_parenthesized_field(site: Site) -> bool:
    """Parentheses are common in copy, so match only text never meant for readers."""
    content = _content(site).strip()
    words = _words(content)
    if site.is_in_code or not words or site.before.endswith("]"):
        return False
    is_instruction = words[0] in ("your", "add", "שם") and len(words) > 1
    is_place = words[-1] in ("here", "כאן", "פה") and words[0] not in ("you", "we")
    is_bare = len(words) == 1 and words[0] in ("link", "url", "cta", "hashtag", "קישור", "לינק")
    return (
        (_FILL.match(content) is not None and not _JOKES.intersection(words))
        or is_bare
        or (_names_field(words) and _is_unnamed(site, content, words))
        or (_names_field(words) and (is_instruction or is_place))
    )


def _is_tagged_field(site: Site) -> bool:
    content = _content(site).strip()
    is_markup = "</" in site.surroundings.text or _ELEMENT.match(site.after) is not None
    if content.lower() in _HTML and is_markup:
        return False
    return _is_template_field(site)


def _is_percent_field(site: Site) -> bool:
    token = site.before.rpartition(" ")[2]
    content = _content(site)
    if ("://" in token or token.startswith("www.")) and _ESCAPED_BYTE.match(content):
        return False
    return not site.before[-1:].isalnum() and not site.after[:1].isalnum() and _is_template(site)


def _is_printf(site: Site) -> bool:
    return not site.before[-1:].strip(" \"'([:") and not site.after[:1].isalnum() and _is_template(site)


def _is_double_braced(site: Site) -> bool:
    return _content(site).strip().lower() not in ("hug", "hugs") and _is_template(site)


def _is_braced(site: Site) -> bool:
    content = _content(site).strip()
    is_name = is_field(content) or _IDENTIFIER.fullmatch(content) is not None
    return (is_name or not content or content.isdigit()) and _is_template(site)


def _is_signed_field(site: Site) -> bool:
    return not site.after[:1].isalnum() and _names_field(_words(_content(site)))


def _is_tilde_field(site: Site) -> bool:
    """Whether tildes enclose a field within a sentence: they also decorate headings, `~ New Location ~`."""
    if _is_name_field(site):
        return True
    is_awaited = _AWAITS_NOUN.search(site.before) or _AWAITS_NOUN_HE.search(site.before)
    content = _content(site)
    return content == content.strip() and is_awaited is not None and _is_signed_field(site)


def _is_name_field(site: Site) -> bool:
    """Match only names of the reader between signs that are also used for decoration."""
    words = _words(_content(site))
    is_name = any(word in _NAMES for word in words)
    return is_name and _names_field(words) and site.before[-1:] not in ("/", "@") and not site.is_in_code


_NAME = r"[A-Za-zא-ת_][\w א-ת.:-]{0,40}"

RULES = (
    Rule(r"\{\{+([^{}\n]{0,80})\}\}+", _is_double_braced),
    Rule(
        r"\{%[^{}\n]{1,80}%\}|<%[^<>\n]{1,80}%>|<\?(?:=|php)[^<>\n]{1,80}\?>|\[%[^\[\]\n]{1,60}%\]",
        _is_template,
    ),
    Rule(r"\*\|[^|*\n]{1,60}\|\*", _is_template),
    Rule(r"[$#@%&]\{[^{}\n]{1,60}\}|\{[!$#@%=*?][^{}\n]{1,60}\}", _is_template),
    Rule(r"\{((?:[A-Za-zא-ת_][A-Za-z0-9א-ת_.:\"' -]{0,60}|\d{1,2})?)\}", _is_braced),
    Rule(r"\{[^{}|\n]{1,60}(?:\|[^{}|\n]{0,60})+\}", _is_template),
    Rule(r"<<\s*([^<>\n]{1,60})>>|\[\[([^\[\]\n]{1,60})\]\]|«([A-Za-zÀ-ÿא-ת_ ]{1,40})»", _is_template_field),
    Rule(rf"%%{_NAME}%%|@@{_NAME}@@", _is_template),
    Rule(
        rf"##({_NAME})##|\$\$([A-Za-z_][\w .-]{{0,40}})\$\$|__([A-Z][A-Z_ ]{{1,30}})__|\|([A-Z_]{{2,20}})\|",
        _is_template_field,
    ),
    Rule(r"#([A-Za-zא-ת_]{2,40})#", _is_signed_field),
    Rule(r"~{1,2}([A-Za-zÀ-ÿא-ת_ ]{2,30})~{1,2}", _is_tilde_field),
    Rule(r"\[[#%$@&=*!]([A-Za-zÀ-ÿא-ת_][^\[\]\n]{0,40})[#%$@&=*!]?\]", _is_template_field),
    Rule(
        r"-([A-Z_]{4,20}|שם(?:[ _](?:פרטי|משפחה|מלא|לקוח))?)-|\^([A-Za-zÀ-ÿא-ת_ ]{2,30})\^|"
        r"::?([A-Za-zÀ-ÿא-ת_]{2,30})::?"
        r"|\|\|([A-Za-zÀ-ÿא-ת_ ]{2,30})\|\||!!([A-Za-zÀ-ÿא-ת_ ]{2,30})!!|&([A-Za-zÀ-ÿא-ת_]{2,30})&|"
        r"\{([A-Za-zÀ-ÿא-ת_ ]{2,30})[\])]|\[([A-Za-zÀ-ÿא-ת_ ]{2,30})\}",
        _is_name_field,
    ),
    Rule(
        r"%([A-Z][A-Z0-9_ ]{2,30}|[a-z]+(?:[._][a-z0-9_.]+)+|name|email|recipient|[א-ת][א-ת _]{1,30})%",
        _is_percent_field,
    ),
    Rule(r"%(?:\d\$)?[sd]", _is_printf),
    Rule(r"\[[. ]*([A-Za-zא-ת_][^\[\]\n]{0,80})\]", _is_bracketed_field),
    Rule(
        r"\[/?[a-z_-]+(?: [a-z_]+=[\"'“][^\"”'\[\]\n]{0,60}[\"'”])+ ?/?\]"
        r"|\[[a-z_]+, ?(?:fallback|default)=[^\[\]\n]{0,40}\]",
        _is_template,
    ),
    Rule(r"\(([A-Za-zא-ת][^()\n]{0,60})\)", _is_parenthesized_field),
    Rule(r"<([A-Za-zא-ת_][^<>/=\n]{0,40})>", _is_tagged_field),
    Rule(
        r"\$[a-z]+(?:_[a-z]+)+\b|\b(?:FIRST_?NAME|LAST_?NAME|FNAME|LNAME|FULL_?NAME|first_name|last_name"
        r"|firstName|lastName|FirstName|LastName|[a-z]{3,}_(?:name|title|price|date|image)_\d)\b",
        _is_template,
    ),
    Rule(
        rf"(?m)^[^\pL\n]*{GREETING},? (?P<site>"
        r"(?i:(?:first|last|full|customer|client|subscriber|user) ?name|name)"
        r"|שם (?:פרטי|משפחה|מלא|הלקוח|הלקוחה))\s*(?:[,!.:]|$)"
    ),
)
