"""Notes about a draft as a whole: review requests, holds, version labels, outlines of lines to write."""

from __future__ import annotations

from kb.guards.placeholders.alternatives import one_of
from kb.guards.placeholders.note_words import HEBREW_WORDING, WORDING
from kb.guards.placeholders.site import Rule, outside_code

_START = r"(?:^|[.!?…\n]\s*)"
_END = r"(?:[.!]|$)"
_NAME = r"(?:@?[A-Za-z][A-Za-z_.]{1,15},? )?"
_REST = r"[^.!?\n]*"
_REST_OF_NOTE = r"(?: [^\s.:!?*()\[\]]+){1,5}"

_PARTS = one_of(
    "photo image picture visual headline title caption copy hashtags? cta pun opening",
    phrases=f"first line, last line, {WORDING}",
)
_VERSION_QUALITY = one_of(
    """
    [Ss]horter [Ll]onger [Ff]unnier [Ss]afer [Pp]unchier [Ff]unny [Pp]layful [Ss]erious [Ff]ormal
    [Cc]heeky LinkedIn Instagram IG Facebook FB Twitter TikTok [Yy]ounger [Cc]leaner [Cc]lean [Rr]evised
    [Uu]pdated
    """
)
_HEBREW_VERSION_QUALITY = one_of(
    "קצרה? ארוכה? מצחיקה? רשמית? צעירה? לפייסבוק לאינסטגרם ללינקדאין לטוויטר מעודכנת?"
)
_CATCHY = one_of(
    """
    catchy witty funny clever punchy snappy cute strong killer short nice smart edgy cheeky pithy
    """
)
_LINES = one_of(
    "headline hook title opener intro line caption tagline pun joke one-?liner blurb", phrases="punch ?line"
)
_HEADINGS = one_of("headline hook title opener intro caption tagline", phrases="punch ?line")
_REVIEWS = one_of(
    "check read proof(?:read)? review approve eyeball ok okay",
    phrases="""
    sign off on, look (?:over|at), (?:have|take) a look at, sanity[- ]check
    """,
)
_OUT = one_of(
    "post publish send schedule launch", phrases="go(?: (?:out|live|up))?, be (?:posted|published|sent)"
)

_HEBREW_PARTS = one_of(
    "מחיר תמונה כותרת כיתוב טקסט קופי האשטא?ג(?:ים)? לוגו ויזואל תאריך טון בדיחה סיום",
    phrases=f"משפט (?:הראשון|האחרון), {HEBREW_WORDING}",
)
_HEBREW_REVIEWS = one_of(
    """
    תעבור תעברי תעברו עברי עברו לעבור תציצי תציצו תציץ להציץ תסתכלי תסתכלו תסתכל להסתכל תקראי תקראו תקרא
    לקרוא תבדקי תבדקו תבדוק לבדוק תאשרי תאשרו תאשר לאשר תגיהי להגיה
    """
)
_HEBREW_DRAFT = r"(?:(?:על|את) (?:זה|ה(?:פוסט|טקסט|נוסח|קופי|ציוץ|כיתוב|טיוטה))|בזה|ב(?:פוסט|טקסט|נוסח|קופי))"
_HEBREW_OUT = (
    r"לפני (?:ש(?:זה |אני |אנחנו )?(?:עולה|מעלים|מעלה|מפרסמים|מפרסמת|מפרסם|שולחים|שולחת|שולח|יוצא|נעלה|"
    r"מתזמנים|מתזמנת|מתזמן|ה?פרסום)|ה?(?:פרסום|העלאה|שליחה|תזמון))"
)
_HEBREW_APPROVERS = one_of(
    r"""
    ה?לקוחה? ה?משפטית? ה?לגל ה?הנהלה ה?מנכ[\"״]לי?ת? ה?בוסי?ת? ה?שיווק ה?דוברת? ה?דוברות
    ה?סמנכ[\"״]לי?ת?
    """,
    phrases=r"ה?עורכ?י?ת? הדין, ה?יועצת? המשפטית?",
)
_HEBREW_POSTS = one_of(
    """
    מעלים תעלו תעלי תעלה להעלות מפרסמים תפרסמו תפרסמי תפרסם לפרסם משחררים לשחרר מתזמנים תתזמנו תתזמני
    לתזמן מוציאים
    """
)
_HEBREW_CATCHY = one_of(
    """
    קליטה? שנונה? מצחיקה? תופסת? חזקה? קצרה? קורצת? מגניבה? חמודה? פרובוקטיבית? טובה? כלשה[יו] יצירתית?
    """
)
_HEBREW_LINES = one_of(
    "כותרת פתיח משפט הוק סלוגן בדיחה שורה פאנץ[׳']? משהו", phrases="שורת פתיחה, משפט פתיחה"
)


def _enclosed(idea: str) -> str:
    """A pattern for an idea in asterisks or brackets."""
    return (
        rf"(?:^|[^\pL\pN*])(?P<site>[*]{{1,4}} ?(?:{idea})[^*\n]*[*]{{1,4}}"
        rf"|\(+ ?(?:{idea})[^()\n]*\)+|\[+ ?(?:{idea})[^\[\]\n]*\]+"
        rf"|< ?(?:{idea})[^<>\n]*>)"
    )


_IDEAS = (
    rf"(?i:(?:some|any)thing {_CATCHY}(?:er)?(?: and \pL+)? (?:about|on|re|for|with|here)"
    rf"|(?:a |an |some |the )?(?:{_CATCHY} )?{_LINES}s? (?:about|on|re|for|goes|here) )"
)
_HEBREW_IDEAS = rf"{_HEBREW_LINES} {_HEBREW_CATCHY} (?:על|עם|לגבי|כאן|פה|ל)"

RULES = (
    # What a line should be about, instead of the line
    Rule(_enclosed(_IDEAS), outside_code),
    Rule(_enclosed(_HEBREW_IDEAS), outside_code),
    Rule(
        rf"^[^\pL\pN]*(?P<site>(?i:{_CATCHY} {_HEADINGS} (?:about|on|re|for|goes|here)\b){_REST_OF_NOTE})[.:]"
    ),
    Rule(
        rf"^[^\pL\pN]*(?P<site>(?:כותרת|שורת פתיחה|פתיח|משפט פתיחה|הוק) {_HEBREW_CATCHY} "
        rf"(?:על|עם|לגבי){_REST_OF_NOTE})[.:]"
    ),
    Rule(
        rf"{_START}(?P<site>(?:[Oo]pening|[Cc]losing) "
        rf"(?:line|paragraph|sentence): ?\pL{_REST})"
    ),
    Rule(rf"{_START}(?P<site>(?:שורה|פסקה) (?:שנייה|שניה|שני|שלישית?|פתיחה|סיום) ?: ?\pL{_REST})"),
    # Is this okay to go out?
    Rule(
        rf"{_START}(?P<site>{_NAME}(?i:(?:is )?(?:this|this one|the (?:post|copy|caption|draft)) "
        rf"(?:ok|okay|good|fine|ready|cleared|approved|safe) (?:to {_OUT}|for (?:posting|publishing)))\b"
        r"[^.!?\n]*\?+)"
    ),
    Rule(
        rf"{_START}(?P<site>{_NAME}(?i:(?:(?:can|could|would|will) (?:you|someone|anyone|"
        rf"somebody|\pL+) |please |pls |plz )(?:\pL+ )?{_REVIEWS} (?:this|it|that)(?: \pL+){{0,3}} before "
        rf"(?:(?:this|it) goes (?:out|live|up)|(?:i|we) (?:post|publish|send|schedule|hit)))\b{_REST}\??)"
    ),
    Rule(
        rf"{_START}(?P<site>(?i:(?:(?:i[’']m|i am|we[’']re|we are|still) )*not (?:sure|sold|convinced|happy) "
        rf"(?:about|on|of|with) (?:the|this) {_PARTS})\b[^.!?,\n]{{0,30}}){_END}"
    ),
    Rule(
        rf"(?:^|[^\pL\pN])(?P<site>(?:[א-ת]{{2,10}},? )?"
        rf"(?:(?:אפשר|תוכלי|תוכל|תוכלו|מישהו יכול|מישהי יכולה) )?"
        rf"{_HEBREW_REVIEWS} (?:רגע |שוב |בבקשה )?{_HEBREW_DRAFT} (?:[א-ת]+ ){{0,3}}{_HEBREW_OUT}"
        rf"(?: (?:את זה|את הפוסט|לאוויר|לרשת|היום|מחר))?(?:[?!.…]+|$))"
    ),
    Rule(
        rf"{_START}(?P<site>(?:אני |אנחנו )?(?:עדיין |עוד )?לא (?:סגורה?|סגורים|בטוחה?|בטוחים|שלמה?|שלמים|"
        rf"מתה|מת) (?:על|לגבי|עם) ה{_HEBREW_PARTS}(?: ה?[א-ת]+){{0,2}}){_END}"
    ),
    Rule(
        r"(?:^|[^\pL\pN])(?P<site>(?:אפשר|מותר|בסדר|מאושר) (?:כבר )?(?:להעלות|לפרסם|לתזמן) "
        r"(?:את (?:זה|הפוסט)|ככה)[^.!?\n]{0,40}\?+|(?:זה|הפוסט|הטקסט|הנוסח) (?:כבר )?(?:מאושר|מוכן|סגור) "
        r"(?:לעלות|לפרסום|להעלאה)[^.!?\n]{0,40}\?+)"
    ),
    # Not before the client approves
    Rule(
        rf"{_START}(?P<site>(?i:(?:please |pls )?(?:do not|don[’']?t|not to) (?:post|publish|send|schedule|"
        r"push|run|upload|release)(?: this| it| yet| anything){0,2} "
        r"(?:until|till|before|unless|without)) [^.!?\n]{0,40}"
        r"(?i:approv\w*|sign(?:s|ed)?[- ]?off|oka?y?s?|clears?|confirms?)\b[^.!?\n]{0,30}[!.]*)"
    ),
    Rule(
        rf"{_START}(?P<site>(?i:hold(?: off| this)?|wait) (?i:until|till|for) [^.!?\n]{{0,30}}"
        r"(?i:approves|signs off|sign-off|oks|okays|clears (?:it|this))\b[^.!?\n]{0,20}[!.]*)"
    ),
    Rule(
        rf"^[^\pL\pN]*(?P<site>(?:לא|אל) {_HEBREW_POSTS} (?:את זה |את הפוסט |עדיין |כלום )?"
        r"(?:עד|לפני|בלי|ללא) [^.!?\n]{0,30}"
        r"(?:[ית]?אשרו?|מאשרת?|מאשרים|אישור[א-ת]*|אוקיי)[^.!?\n]{0,20}[!.]*)"
    ),
    Rule(
        rf"(?:^|[^\pL\pN])(?P<site>(?:לא|אל) {_HEBREW_POSTS} (?:את זה |את הפוסט |עדיין |כלום )?"
        rf"(?:עד|לפני|בלי|ללא) [^.!?\n]{{0,20}}{_HEBREW_APPROVERS}[^.!?\n]{{0,30}}[!.]*)"
    ),
    Rule(rf"{_START}(?P<site>{_HEBREW_APPROVERS} (?:עוד|עדיין) לא (?:אישרה?|אישרו|ראתה|ראה|החליטה?)){_END}"),
    Rule(
        rf"{_START}(?P<site>(?i:(?:the )?(?:client|legal|boss|ceo|pr team) (?:still )?(?:hasn[’']?t|has not) "
        rf"(?:approved|signed off|seen|ok[’']?d|okayed)(?: (?:this|it|on (?:this|it)))?(?: yet)?)){_END}"
    ),
    # Version B (for a younger audience, without the word "experience"):
    Rule(
        r"^[^\pL\pN]*(?P<site>(?:[Vv]ersion|VERSION|[Vv]ariant|[Tt]ake|[Aa]lt|גרסה|גרסא|נוסח|חלופה|אופציה|"
        r"וריאציה) "
        r"(?:[A-D]|[1-6]|[אבגד]['׳’]?)(?: ?\([^()\n]{2,80}\) ?[:–—-]| ?\([^()\n]{2,80}\)$))",
        outside_code,
    ),
    Rule(
        r"^[^\pL\pN]*(?P<site>(?:[Vv]ersion|VERSION|[Vv]ariant) [A-D] ?(?::|\s[-–—])"
        r"|(?:גרסה|גרסא|נוסח|חלופה|וריאציה) [אבגד]['׳’] ?(?::|\s[-–—]))",
        outside_code,
    ),
    Rule(rf"^[^\pL\pN]*(?P<site>\(?{_VERSION_QUALITY} version(?:\)|:))", outside_code),
    Rule(rf"^[^\pL\pN]*(?P<site>\(?(?:גרסה|גרסא|נוסח) {_HEBREW_VERSION_QUALITY}(?:\)|:))"),
)
