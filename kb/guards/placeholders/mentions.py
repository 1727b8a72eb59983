"""Unfinished text that a post only mentions: on a quoted sign, in a story of a mistake, or as a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.guards.placeholders.alternatives import one_of
from kb.guards.placeholders.deliberate import is_deliberate

if TYPE_CHECKING:
    from kb.guards.placeholders.site import Site

_QUOTES = ('"', "“", "״", "„")
_CLOSING_QUOTES = ('"', "”", "״")
_QUOTATION_MARK = re.compile("[“„«‹\"״'‘]")
_WRITING_WORDS = one_of(
    """
    said says? saying read reads reading began begins? start(?:s|ed|ing)? e-?mail(?:s|ed)? letters? addressed
    greeted called messages? writes? wrote written types? typed push signs? slides? labell?ed marked box
    titled subject texts? lines? winner comments? openers? worr(?:y|ies|ied|ying) dread(?:s|ed|ing)? afraid
    scared allergic hunt(?:s|ed|ing)? spot(?:s|ted|ting)? sees? saw seen suggest(?:s|ed)? answer(?:s|ed)?
    repl(?:y|ies|ied) print(?:s|ed)? hands? wish(?:es|ed)?
    """
)
_WRITING_WORDS_HE = one_of(
    """
    חושש(?:ת|ים|ות)? מפחד(?:ת|ים|ות)? אלרגי(?:ת|ים|ות)? מאתר(?:ת|ים|ות)?
    שמתחילה? התחילה? ש?כתב(?:ה|תי|נו|ו)? כתוב כתובה מייל הודעה שלט השלט הזמנה ההזמנה שאלו נקראה?
    ש?(?:רוא(?:ה|ים|ות)|רא(?:ה|תה|ו|יתי|ינו)) ש?מגיש(?:ה|ים|ות)? ענ(?:ה|תה|ו) הציע(?:ה|ו)?
    """
)
_WRITING = re.compile(rf"\b{_WRITING_WORDS}\b|(?<!\w){_WRITING_WORDS_HE}(?!\w)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…]\s+")
_STRAY = re.compile(
    r"\b(?:an?|one|another|every|the odd) (?:stray|rogue|unfilled|leftover|forgotten) [\[({<]*$",
    re.IGNORECASE,
)
_ESCAPES = re.compile(
    r"(?:[^\[\]\n]{0,20}[\])}>]+)? (?:might|may|could|can|will|would|slip(?:s|ped|ping)?"
    r"|reach(?:es|ed|ing)?|makes?|made|goes|went|gets?|got|left)\b"
)
"""Context before and after a mention of unfinished text: `a stray [CTA] might reach a live page`."""

_NO_MISTAKE = re.compile(
    r"[\"”]? (?:is|was) (?:a real (?:person|name|place|street|word)|the (?:name|title) of|what we call)\b"
    r"|[\"”״]? (?:זה|זו|זהו|הוא|היא) (?:השם של|שמו|שמה)(?!\w)"
    r"|[\"”]? ?\(?(?:yes|really),? (?:that|it)[’']?s (?:really |actually )?(?:their|its|his|her|our|the) "
    r"(?:real |actual )?name\b"
    r"|\? (?:not any ?more|no longer|no more)\b|\? (?:כבר לא|לא עוד)(?!\w)"
    r"|(?: (?:on|in|under|at|above) (?:the|our|your|this|that) \w+)?,? "
    r"(?:is ?n[’']t|is not|was ?n[’']t|was not) (?:an? )"
    r"(?:airport code|code|name|typo|mistake|error|bug|slip|placeholder|size)\b"
    r"|(?:\.\w{2,4})?[\"”]?, (?:an?|our|the) (?:new )?(?:exhibition|show|book|play|talk|film|podcast|album|"
    r"song) (?:about|by|on|of)\b"
    r"|(?: (?:ב|על |של )\S+){0,2},? (?:ו?(?:זו|זה|זאת|היא|הוא) לא|לא|אינ(?:ה|ו)|איננ(?:ה|ו)) "
    r"(?:טעות|שגיאה|תקלה|באג)(?!\w)",
    re.IGNORECASE,
)
"""Context after a mark that is intended: `TBA on the poster isn't a typo`."""

_NAMED_AS_TEXT = re.compile(
    r"(?:\bthe (?:words?|text|tag|field|caption)|(?<!\w)ה(?:כיתוב|טקסט|מילים|תגית|שדה)) $", re.IGNORECASE
)
_INSTEAD = re.compile(r" (?:instead of|in place of|rather than|במקום)(?!\w)")
"""Context of a mark that a program had written: `with the text [First Name] instead of the name`."""

_MISSED = re.compile(r"\b(?:the|an?) $")
_BY_SOMEBODY = re.compile(
    r" (?:that )?(?:nobody|no one|somebody|someone|everyone) "
    r"(?:replaced|filled|noticed|caught|forgot|missed)\b"
)
"""Context of a mark as a mistake: `You catch the TK nobody replaced`."""

_TALKED_ABOUT = re.compile(
    r"[^\n\"”״]{0,80}[\"”״] (?:(?:was|were) (?:found|spotted|printed)\b"
    r"|(?:היא|הוא|זו|זה) (?:בקשה|פקודה|משפט|פתיח|שורה|הודעה|תשובה)(?!\w))"
)
"""Context after a mark in a quotation that is the subject: `"TODO: be nicer" was found in our code`."""

_OPENS_QUOTATION = re.compile(r"[\s(:,אבהולמשכ-]|$")
_GREETING_TALKED_ABOUT = re.compile(
    r"(?:dear|hi|hello|hey)(?: there)?[ ,]*\W*$|(?:שלום|היי|הי|לכבוד|יקרה?)[ ,]*\W*$", re.IGNORECASE
)
"""A quoted greeting before the name, in a text about letters."""

_OPENING_GREETING = re.compile(
    r"(?:^|[.!?…:\n–—-]\s*)([\"“״„]?)(?:dear|hi|hello|hey|שלום|היי|הי|לכבוד|יקרה?)[ ,]*[^\w\s]{0,2}$",
    re.IGNORECASE,
)
"""A greeting that opens a sentence, maybe in quotation marks, and the signs before a field."""

_EXPLAINED = re.compile(
    r"[^\w\n]{0,3}[\"”״] (?:is|was|isn[’']t|is not|wasn[’']t) "
    r"(?:how|what|where|why|not|(?:an?|the) (?:greeting|way|first|last|worst|oldest|surest|sign))\b"
    r"|[^\w\n]{0,3}[\"”״] (?:said|says|read|reads|began|begins|wrote|went) (?:the|an?|our|one|every|my)\b"
    r"|[^\w\n]{0,3}[\"”״] (?:we[’']ve all|you[’']ve all|everyone has)\b"
    r"|[^\w\n]{0,3}[\"”״] (?:כולנו|כולכם|מי לא) (?:קיבל|ראי|מכיר)"
    r"|[^\w\n]{0,3}[\"”״] (?:(?:זו|זה|זאת|היא|הוא) (?:לא|מה|איך|הדרך|ה?פתיח|ה?שורה)|ככה|כך)(?!\w)",
    re.IGNORECASE,
)
"""Context after a quoted greeting that a text explains: `"Dear [First Name]" is how half of them began`."""

_HAPPENS = re.compile(
    r"[^\w\n?]{0,3}\?[\"”״]? (?:(?:it|this|that)(?: has|[’']s)? )?"
    r"(?:happen(?:s|ed)|we[’']ve all|we have all|been there|so did we)\b"
    r"|[^\w\n?]{0,3}\?[\"”״]? (?:זה (?:קורה|קרה)|קרה ל|קורה ל|כולנו|היינו שם|"
    r"מוכר|גם (?:אנחנו|אני|לנו)(?!\w))",
    re.IGNORECASE,
)
"""Context after a greeting that is a known mishap: `Dear [Name]? It happens to everyone`."""

_NAMED_DRAFT = re.compile(r"(?:final |first |rough )?draft(?: no\.?)? ?\d*", re.IGNORECASE)
_IS_DRINK = re.compile(
    r" (?:is|was) (?:an?|our|the|back)\b[^.!?\n]*\b(?:beer|ale|ipa|lager|stout|porter|cider|brew|coffee|"
    r"espresso|roast|blend|cocktail|gin|wine)\b",
    re.IGNORECASE,
)
"""A drink of that name as the subject of a sentence: `Draft No. 9 is our last word on cold brew`."""

_LENGTH = re.compile(r":? ?\d[\d,]* (?:pages|words|chapters|verses)\b", re.IGNORECASE)
"""How long a book once was: `First draft: 1,100 pages. Published: 312`."""

_NUMERAL = re.compile(r"[XVI]{2,}")
_ROMAN = re.compile(r"\broman numerals?\b|\bnumerals\b|ספרות ה?רומיות", re.IGNORECASE)
"""A number that the text calls Roman: `Chapter XX, in Roman numerals`."""

_MARGIN_NOTE = re.compile(r"comment(?:ed)? ?\[\w+\]:", re.IGNORECASE)
_SHOWN = re.compile(r" (?:this|that) is what (?:an?|every|good) ", re.IGNORECASE)
_ABOUT_EDITING = re.compile(r"\b(?:handbook|editors?|editing|style guide|margins?)\b", re.IGNORECASE)
"""A margin comment shown as an example: `Comment [A1]: this is what a good editor's margin looks like`."""


def is_mentioned(site: Site) -> bool:
    """Whether a post quotes the text of a site, talks about it, or uses it on purpose."""
    return _is_quoted(site) or _is_talked_about(site)


def _is_quoted(site: Site) -> bool:
    """Whether it is in a quotation of someone else: `the sign said "Sale ends TBD"`."""
    opening = max(map(site.before.rfind, _QUOTES))
    is_closed = any(mark in site.found[-1:] + site.after for mark in _CLOSING_QUOTES)
    if opening < 0 or not is_closed or not _OPENS_QUOTATION.match(site.before[:opening][-1:]):
        return False
    sentence = _SENTENCE_END.split(site.before[:opening])[-1]
    return _WRITING.search(sentence) is not None or _is_greeting_quoted(site, opening)


def _is_greeting_quoted(site: Site, opening: int) -> bool:
    """Whether a greeting is quoted within a sentence: `nothing is as cold as "Dear {{first_name}}"`."""
    is_within = site.before[:opening].rstrip()[-1:].isalpha()
    return is_within and _GREETING_TALKED_ABOUT.match(site.before[opening + 1 :]) is not None


def _is_talked_about(site: Site) -> bool:
    """Whether the text is about such a mark, or uses it on purpose: a leftover elsewhere, or no mistake
    at all.
    """
    has_strayed = _STRAY.search(site.before) is not None and _ESCAPES.match(site.after) is not None
    if has_strayed or _NO_MISTAKE.match(site.after) or _is_example(site) or _is_explained(site):
        return True
    return is_deliberate(site.found, site.before, site.after) or _is_in_letter(site)


def _is_in_letter(site: Site) -> bool:
    """Whether it is in a quoted letter that readers are asked to copy. Few sites follow a quotation mark
    in their line, and looking for letters takes as long as many rules."""
    text = site.surroundings.text
    if _QUOTATION_MARK.search(text, text.rfind("\n", 0, site.start) + 1, site.start + 1) is None:
        return False
    letters = site.surroundings.letters_to_copy
    return any(start <= site.start and site.end <= end for start, end in letters)


def _is_example(site: Site) -> bool:
    """Whether it is an example of a mark: one that was printed or missed, or a quotation."""
    if site.opens_quotation:
        return _TALKED_ABOUT.match(site.found + site.after) is not None
    was_printed = _NAMED_AS_TEXT.search(site.before) and _INSTEAD.match(site.after)
    was_missed = _MISSED.search(site.before) and _BY_SOMEBODY.match(site.after)
    return bool(was_printed or was_missed)


def _is_explained(site: Site) -> bool:
    """Whether the words after it explain it: how bad letters begin, a mishap, the name of a drink."""
    greeting = _OPENING_GREETING.search(site.before)
    if greeting is not None:
        is_example = greeting[1] and _EXPLAINED.match(site.after)
        return bool(is_example) or _HAPPENS.match(site.after) is not None
    if _NAMED_DRAFT.fullmatch(site.found.rstrip(":")):
        is_drink = site.found[0].isupper() and _IS_DRINK.match(site.after) is not None
        return is_drink or _LENGTH.match(site.after) is not None
    if _NUMERAL.fullmatch(site.found):
        return site.surroundings.mentions(_ROMAN)
    if _MARGIN_NOTE.fullmatch(site.found):
        is_shown = _SHOWN.match(site.after) is not None or site.opens_quotation
        return is_shown and site.surroundings.mentions(_ABOUT_EDITING)
    return False
