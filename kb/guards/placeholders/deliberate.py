"""Deliberate unfinished text: jokes, letters for readers to copy, tags that a course explains."""

from __future__ import annotations

import re

from kb.guards.quotations import quoted_parts

_LATER = r"[^\w\n]{0,4}(?:[^.!?\n]{0,40}[.!?][\"”״)]*)? ?"
"""The rest of a sentence, before the next one."""

_TAKEN_BACK = re.compile(
    rf"{_LATER}(?:(?:(?:just|only|we[’']re|i[’']m) )?(?:kidding|joking|nope|jk|gotcha|we had one"
    r"|you get the idea|april fools?|never mind)\b"
    r"|(?:(?:סתם|צוחק(?:ים|ות|ת)?|בצחוק|לא באמת)[.,!]|סתם (?:צוחק|בצחוק)|היה לנו (?:אחד|אחת)"
    r"|הבנתם את הרעיון))",
    re.IGNORECASE,
)
"""What follows a joke: `[insert pun about cheese]. Kidding.`"""

_RECOGNIZED = re.compile(
    r"(?:\.\w{2,4})?[^\w\n]{0,4}(?: |^)(?:(?:(?:does (?:that|this) )?(?:sounds?|looks?) familiar"
    r"|if (?:that|this)(?:[’']s| is| was| sounds| looks)"
    r"|if you(?:[’']ve| have) (?:ever )?(?:saved|sent|named|written|received|opened|got|seen|had))\b"
    r"|נשמע מוכר|(?:נראה )?מוכר לכם|מכירים את זה|אם (?:גם )?(?:ככה|כך) )"
    r"|(?:[\"”״]|[ -]\w+)? (?:is|are|was)(?: not|n[’']t) (?:just|only) an? (?:name|word|text)\b"
    r"|[\"״]? (?:הוא|היא|זה) לא (?:רק|סתם) (?:שם|מילה|טקסט)(?!\w)",
    re.IGNORECASE,
)
"""What follows a mark that readers know: `final_FINAL_v7.psd: if you've ever saved a file like this`."""

_NAMED_BEFORE = re.compile(
    r"\b(?:an?|one|another|that one|the same) (?:\w+ )?(?:files?|folders?|layers?|branch|documents?|decks?) "
    r"(?:named|called|titled|that[’']s called) [\"“'`]?$"
    r"|\b(?:fav(?:ou?rite|e)|famous|infamous|oldest|classic) (?:code |\w+ )?comments?"
    r"(?: (?:is|was|reads))?:? ?[\"“'`]?(?://|#)? ?$"
    r"|(?<!\w)מכיר(?:ה|ים|ות)? את (?:הקובץ|התיקייה|הקבצים)(?: (?:בשם|ששמו|שנקרא))? [\"״'`]?$"
    r"|(?<!\w)(?:קובץ|תיקייה|שכבה) (?:אחד |אחת )?(?:בשם|ששמו|ששמה|שנקראת?) [\"״'`]?$",
    re.IGNORECASE,
)
"""What comes before a name or a comment in a joke: `every designer has a folder named final_v2`."""

_ATTRIBUTED = re.compile(
    r"[^\"”״\n]{0,40}[\"”״] ?[—–-]+ ?"
    r"(?:(?:every|all|said|literally|nobody|no one|everyone|me,)\b|(?:כל|אמר(?:ה|ו)?|אף אחד|כולם)(?!\w))",
    re.IGNORECASE,
)
"""What follows a quoted mark that a joke puts in somebody's mouth: `"TODO: sleep" — every parent, ever`."""

_EXPLAINED_BEFORE = re.compile(
    r"(?:\b(?:tags?|fields?|codes?|placeholders?) (?:like|such as)"
    r"|(?<!\w)ה?(?:תגית|תגיות|שדה|שדות) (?:כמו|מסוג)) [\"“״'`{%<]*$",
    re.IGNORECASE,
)
_TYPED = re.compile(
    r"(?:\b(?:type|write|enter|insert|put|add|use)"
    r"|(?<!\w)(?:כתבו|הקלידו|הוסיפו|הכניסו|הזינו)) [\"“״'`{%<]*$",
    re.IGNORECASE,
)
_WHERE_TYPED = re.compile(
    r"[\"”״'`}%>]* (?:(?:in|into|on) (?:the|your|any) (?:\w+ )?"
    r"(?:editor|subject(?: line)?|template|form|box|field|preview)\b"
    r"|ב(?:שורת הנושא|עורך|תבנית|טופס|שדה|תיבה))",
    re.IGNORECASE,
)
"""Context of a tag that a text explains: `type {{first_name}} in the editor`."""

_TO_COPY = re.compile(
    r"\b(?:copy, |(?:copy(?: and paste| and send| this| the| it)|cut and paste"
    r"|fill in (?:your|the (?:details|blanks|gaps))"
    r"|(?:use|adapt|send|email|borrow) (?:this|our|the) "
    r"(?:template|script|letter|e-?mail|text|wording|message)"
    r"|(?:template|model|sample) (?:letter|e-?mail|message)"
    r"|e-?mail your (?:mp|councill?or|landlord|senator|representative))\b)"
    r"|(?<!\w)(?:להעתיק|העתיקו|העתיקי|להדביק ולשלוח|מלאו את הפרטים"
    r"|ו?לשלוח ל(?:מחנכת?|מורה|חבר[י]? הכנסת|בעל הבית)"
    r"|נוסח ה?(?:אישור|מכתב|פנייה|פניה|בקשה|הצהרה)|תבנית ל?(?:מכתב|פנייה))(?!\w)",
    re.IGNORECASE,
)
NAMED_OR_DECIDED = re.compile(
    r"\b(?:argu\w+|agree\w*|decid\w+|debat\w+|f(?:ou|i)ght|stuck|settl\w+|think of|come up with)\b"
    r"[^.!?\n]{0,25}\bnames?\b|\bnames? (?:just |simply )?stuck\b"
    r"|\bin love with (?:the|our) (?:placeholder|working title)\b"
    r"|\bthat[’']?s (?:really |actually |honestly )?(?:their|its|our|the|his|her) name\b"
    r"|(?<!\w)(?:הסכמנו|התווכחנו|רבנו|להסכים|להחליט)[^.!?\n]{0,25} ה?שם(?!\w)|(?<!\w)השם נדבק|באמת השם"
    r"|\b(?:was|were|no longer|isn[’']?t|aren[’']?t|used to be) (?:still )?TB[DAC]\b"
    r"|\b(?:the|our) TB[DAC] (?:is|are|was|has)\b|(?<!\w)(?:הי(?:ה|תה|יתה|ו)|כבר לא|עוד לא) TB[DAC]\b",
    re.IGNORECASE,
)
"""The name TBD of a beer or a band, or the end of an open question.

`we argued about the name for six weeks`, `remember when the headliner was TBD? It's decided`
"""

_MIN_LETTER = 20
"""Minimum number of characters, besides a gap, of a quoted letter for readers to copy."""

_EXAMPLES = frozenset(["{world}", "{{world}}"])
"""Tags in everybody's first program: `hello {world}`."""


def is_deliberate(found: str, before: str, after: str) -> bool:
    """Whether unfinished text is deliberate, judging by the text around it in its line."""
    if any(each.match(after) for each in (_TAKEN_BACK, _RECOGNIZED, _ATTRIBUTED)) or found in _EXAMPLES:
        return True
    if _NAMED_BEFORE.search(before):
        return True
    is_typed = _TYPED.search(before) is not None and _WHERE_TYPED.match(after) is not None
    return is_typed or _EXPLAINED_BEFORE.search(before) is not None


def letters_to_copy(text: str) -> tuple[tuple[int, int], ...]:
    """The offsets of quotations that readers are asked to copy and to fill in."""
    if _TO_COPY.search(text) is None:
        return ()
    return tuple((start, end) for start, end in quoted_parts(text) if end - start > _MIN_LETTER)
