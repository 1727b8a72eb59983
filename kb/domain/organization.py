"""Organization names: one key for all spellings of a name, with or without its legal form."""

from __future__ import annotations

import re

from kb.domain.text import fold, name_key, slugify

_FORMS = (
    "ltd|limited|inc|incorporated|corp|corporation|llc|llp|plc|gmbh|mbh|ggmbh|kgaa|ohg|sarl|srl|ltda|oy|oyj|bv|aps"
    "|pty-ltd|pty-limited|pte-ltd|pvt-ltd|private-limited|gmbh-co-kg|gmbh-co-kgaa|sp-z-o-o|s-a-de-c-v|sa-de-cv"
    "|בעמ|בע-מ|בערבון-מוגבל|חלצ"
)
"""Legal forms, as in a slug, that are unambiguous at the end of a name."""

_SPELLED_FORMS = "s-a|s-p-a|s-a-s|s-r-l|s-r-o|s-l|s-e|a-g|a-s|k-g|b-v|n-v|l-l-c|l-l-p|l-p|p-l-c|ע-ר"
"""Legal forms written letter by letter, as in a slug. They must not end a longer abbreviation, such as
`U.S.A.`"""

_AMBIGUOUS_FORMS = "sa|spa|sas|sro|sl|se|ag|ab|as|asa|kg|nv|lp|co|ער"
"""Legal forms that may also be a word, a place or part of a name: `SA` is South Africa, `Spa` a bath."""

_FORM = re.compile(
    rf"(?P<name>.+?)-(?:{_FORMS})"
    rf"|(?P<spelled>(?:.*-)?[^-]{{2,}})-(?:{_SPELLED_FORMS})"
    r"|(?P<partners>.+-co)-kg"
)
"""A slug that ends with a legal form."""

_WRITTEN_FORM = re.compile(
    r"(?P<name>.*[^\s,])(?:"
    # `Acme S.A.`, `Acme A/S`: the punctuation marks an abbreviation.
    rf"[\s,]\s*\(?(?:{_SPELLED_FORMS.replace('-', '[./]')})\.?\)?"
    r"|[\s,]\s*\(?ע[\"״”“׳']{1,2}ר\)?"
    rf"|\s*,\s*(?:{_AMBIGUOUS_FORMS})\.?"
    # `Acme Co., Ltd.`, but not `Acme & Co. Ltd.`, where the partners are part of the name.
    r"|(?<!&)(?<!\+)(?<!\band)(?<!\bund),?\s+co\b\.?,?\s*(?:ltd|limited|inc)\.?"
    r")\s*",
    re.DOTALL,
)
"""A folded name ending with a legal form that only its punctuation distinguishes from the name."""

_CONJUNCTION = re.compile(r"(?<=[^-])-(?:and|ו|אנד)(?=-[^-])")
"""A word for `&` between two others; slugs drop the sign itself."""

_ARTICLES = {"the"}

_MAX_FORM_WORDS = 8
"""Of a hostile name, each word may be the beginning of its legal form, and each costs a key."""


def organization_key(name: str) -> str:
    """A key that is equal for spelling variants of an organization's name, with or without its legal form.

    `Nestlé`, `NESTLE`, `Nestlé S.A.` -> `nestle`; `Foo & Co`, `Foo and Co Ltd` -> `foo-co`. A name that is
    nothing but a legal form, such as `Inc.` or `The Limited`, is kept, as is an ending that may be part of
    the name: `Toyota SA`. Idempotent: the key of a key is the key itself.
    """
    key = name_key(_without_written_form(fold(name)))
    while (shorter := _without_form(_CONJUNCTION.sub("", key))) != key:
        key = shorter
    return key


def without_legal_form(name: str) -> str:
    """A name as written, without the ending that its key omits: `Acme, Inc.` -> `Acme`.

    An ending of more than _MAX_FORM_WORDS words stays in part.
    """
    key = organization_key(name)
    spaces = [match.start() for match in re.finditer(r"\s", name)][-_MAX_FORM_WORDS:]
    shorter = (name[:end].rstrip(" ,") for end in spaces)
    return next((start for start in shorter if start and organization_key(start) == key), name)


def is_legal_form(name: str) -> bool:
    """Whether a name is nothing but a legal form, such as the part after the comma in `Acme, Inc.`."""
    return bool(slugify(name)) and organization_key(f"x x, {name}") == "x-x"


def _without_written_form(text: str) -> str:
    while (match := _WRITTEN_FORM.fullmatch(text)) is not None and _is_name(slugify(match["name"])):
        text = match["name"]
    return text


def _without_form(key: str) -> str:
    match = _FORM.fullmatch(key)
    if match is None:
        return key
    name: str = match["name"] or match["spelled"] or match["partners"]
    return name if _is_name(name) else key


def _is_name(key: str) -> bool:
    """Whether the key that remains without the legal form can be a name."""
    return key != "" and key not in _ARTICLES
