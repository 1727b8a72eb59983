"""Remarks of a writing assistant around a text: it announces the text, and offers changes."""

from __future__ import annotations

from kb.guards.placeholders.alternatives import one_of
from kb.guards.placeholders.site import Rule, Site, outside_documentation

_TEXT = one_of(
    """
    versions? captions? posts? tweets? drafts? copy rewrites? rewritten takes? headlines? variations?
    alternatives? suggestions? hashtags? slogans? taglines? blurbs? threads? messages? options? ideas?
    text revisions? edits? announcement description ad
    """,
    phrases="subject lines?",
)
_OF_TEXT = one_of(
    """
    post tweet caption copy text headline ad email message brand announcement campaign thread blurb
    instagram linkedin facebook
    """
)
_AGREES = one_of(
    "certainly absolutely great understood okay ok",
    phrases="sure(?: thing)?, of course, got it, no problem, happy to(?: help)?",
)
_HERE = (
    r"(?:here(?:['’]s| is| are)|below (?:is|are)|i(?:['’]ve| have) (?:written|drafted|rewritten|created|"
    r"updated|shortened|put together|revised))"
)
_WORDS = r"(?:[^\s.!?:]+ ){0,7}"
_REVISE = one_of(
    """
    add make adjust create write generate tweak shorten tailor include suggest translate rewrite adapt
    turn refine expand draft provide rework revise polish change do
    """,
    phrases="come up with",
)
_REVISED = one_of(
    """
    hashtags? emojis? versions? captions? shorter longer punchier funnier tone posts? copy options?
    variations? tweets? headlines? playful formal casual instagram linkedin facebook tiktok twitter cta
    it this
    """,
    phrases="call to action",
)
_HEBREW_TEXT = "ה?" + one_of(
    """
    גרסה גרסא גרסאות פוסט פוסטים הצעה הצעות כיתוב כיתובים ניסוח ניסוחים טקסט אפשרויות כותרות כותרת קופי
    ציוץ סלוגן סלוגנים רעיונות האשטא?גים נוסח טיוטה
    """
)
_HEBREW_AGREES = one_of("בטח בשמחה כמובן בהחלט מצוין ברור מעולה בוודאי סבבה קיבלתי", phrases="אין בעיה")
_HEBREW_REVISE = r"ש(?:אקצר|אנסח|אתאים|אתרגם|אכתוב|אשפר|אציע|אשכתב|אערוך|אחדד|אוסיף|אשנה|אכין|אצור)"
_START = r"(?:^|[^\pL\pN])"


def _is_not_quoted(site: Site) -> bool:
    """Whether no quotation begins there, as of a reply that the post talks about."""
    return not site.opens_quotation


def _ends_reply(site: Site) -> bool:
    """Whether the sentence ends there, as the last sentence of a reply does."""
    return site.after.lstrip()[:1] in ("", "!", ".", "?", ",", "😊", "🙂", '"')


def _names_text(site: Site) -> bool:
    """Whether a take is one of a text: `here are two takes`, but not `here's what it takes`."""
    return not site.found.lower().endswith("it takes")


RULES = (
    Rule(rf"(?i)\b{_AGREES}[!,.:]* (?:{_HERE}) {_WORDS}{_TEXT}\b", _names_text),
    Rule(
        rf"(?i)\b{_HERE} {_WORDS}{_TEXT} (?:of|for|to|based on) (?:(?:your|the|this|my) (?:[^\s.!?:]+ "
        rf"){{0,2}})"
        rf"{_OF_TEXT}\b"
    ),
    Rule(
        rf"(?i)\b(?:{_HERE}) (?:a|an|the|your|some|(?:two|three|four|five|\d) )?(?:[^\s.!?:]+ ){{0,4}}"
        r"(?:captions?|tweets?|rewrite|rewritten|revised|reworked|shortened)(?: [^\s.!?:]+){0,7}:",
        outside_documentation,
    ),
    Rule(
        rf"(?i)^[^\pL\pN]*(?P<site>{_HERE} (?:a |an |the |your )?{_WORDS}{_TEXT} (?:that )?(?:you|we) "
        rf"(?:asked for|requested|wanted|discussed|needed)[^.!?\n:]{{0,30}})"
    ),
    Rule(
        rf"(?i)^[^\pL\pN]*(?P<site>{_HERE} (?:a |an |the |your )?(?:[^\s.!?:]+ ){{0,4}}"
        r"(?:versions?|takes?|drafts?|options?|rewrites?|alternatives?) (?:that|which) "
        r"(?:keeps?|drops?|sounds?|is|are|reads?|feels?|leans?|cuts?|uses?|adds?|leads?|opens?)\b[^.!?\n:]{0,80}):\s*\n",
        outside_documentation,
    ),
    Rule(
        rf"^[^\pL\pN]*(?P<site>(?:הנה|להלן|מצורפת?|אלה|אלו) {_HEBREW_TEXT} (?:[^\s.!?:]+ ){{0,3}}?"
        r"(?:שביקשתם?|שרצית|שדיברנו עליו|ה?(?:מקוצר|מעודכנ?|מתוקנ?|מחודש|ערוכ?)(?:ת|ה|ים|ות)?|"
        r"ה?קצרה? יותר)[^.!?\n:]{0,30})(?:[:.!?\n]|$)"
    ),
    Rule(
        rf"(?i)\b(?:would you like me to|do you want me to|want me to|shall i|should i|i can also|i could "
        rf"also) "
        rf"{_REVISE} {_WORDS}{_REVISED}\b"
    ),
    Rule(
        r"(?i)\blet me know if you(?:['’]d| would|['’]re)? (?:want|need|like|prefer) "
        rf"(?:me to|{_WORDS}(?:changes|edits|tweaks|adjustments|revisions|variations|versions|options))\b"
    ),
    Rule(
        r"(?i)\bas an ai(?: language)? (?:model|assistant)\b|\bas a (?:large )?language model\b"
        r"|\bi(?:['’]m| am) (?:just |only )?an ai (?:language model|assistant)\b|\bmy knowledge cut-?off\b"
        r"|\bi(?:['’]m sorry,? but i)? (?:can['’]t|cannot|don['’]t|am unable to|['’]m unable to) (?:browse|"
        r"access|have access to) "
        r"(?:the |real-?time |current )?(?:web|internet|information|data)\b"
        r"|\bi(?:['’]m| am) sorry,? but i (?:can['’]t|cannot) (?:assist|help|comply|fulfill|generate|"
        r"create)\b",
        _is_not_quoted,
    ),
    Rule(r"(?i)\bi hope (?:this|that|it) (?:helps|works|fits)\b", _ends_reply),
    Rule(
        r"(?i)\bfeel free to (?:adjust|tweak|edit|customi[sz]e|personali[sz]e|modify|replace|swap) "
        r"(?:[^\s.!?:]+ ){0,3}"
        r"(?:tone|placeholders?|wording|copy|caption|text|hashtags|post|brackets|bracketed)\b"
    ),
    Rule(r"(?i)(?:\b(?:word|character) count: ?\d+|\(\d{2,4} (?:characters|chars)\))"),
    Rule(
        rf"{_START}(?P<site>{_HEBREW_AGREES}[!,.:]* (?:הנה|להלן|מצורפת?|אלה|אלו) "
        rf"{_WORDS}{_HEBREW_TEXT})(?:[^\pL]|$)"
    ),
    Rule(
        rf"{_START}(?P<site>(?:הנה|להלן) {_WORDS}{_HEBREW_TEXT} (?:[^\s.!?:]+ ){{0,3}}"
        r"(?:לפוסט|של הפוסט|לכיתוב|לטקסט|לפייסבוק|לאינסטגרם|ללינקדאין|לטיקטוק|לטוויטר)(?: שלך)?)(?:[^\pL]|$)"
    ),
    Rule(
        rf"{_START}(?P<site>(?:רוצה|רוצים|תרצה|תרצי|תרצו|האם תרצה|האם תרצי|מעדיף|מעדיפה) (?:גם "
        rf")?{_HEBREW_REVISE}"
        r"[^.!?\n]{0,60})"
    ),
    Rule(
        rf"{_START}(?P<site>(?:אשמח|אוכל|אפשר גם|אני יכולה?) (?:גם )?"
        r"(?:להתאים|לקצר|לנסח|לשכתב|להוסיף האשטא?גים|להוסיף אימוג)[^.!?\n]{0,40})"
    ),
    Rule(rf"{_START}(?P<site>כ(?:מודל שפה|בינה מלאכותית,)|(?:אני|בתור) מודל שפה)"),
    Rule(rf"{_START}(?P<site>מקווה ש(?:זה|זה היה|ה\pL+) (?:עוזר|יעזור|עזר|מתאים))(?:[.!?,\s]*$|[.!])"),
)
