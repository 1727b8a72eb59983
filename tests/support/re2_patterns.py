"""Patterns with any syntax of RE2, and texts that they may match."""

from __future__ import annotations

from hypothesis import strategies as st

PATTERNS = (
    r"\pL+",
    r"[^\pL\pN*]x",
    r"(?:^|[^\pL\pN])word\pL(?:[^\pL\pN]|$)",
    r"[]\pL]\d",
    r"[^]\p{L}\]]\p{N}",
    r"\\pL",
    r"[\\pL]+",
    r"[[:alpha:]\pN]{2}",
    r"\PL[\PN]",
    r"[^\PL]\p{^L}",
    r"(?i)[^\P{Lu}][^\p{Ll}]",
    r"\Q\pL\E",
    r"\x{5d0}[ֿ-ת\pL]",
    r"[a-ת]{2}[^!-א]",
    r"[\pL-–][\w-א]",
    r"[^א-ת–]–",
    r"(?i)é[^é]",
    r"[^é]É",
    r"(?i)ſ[s]",
    r"(?i)[\x{100}-\x{24f}]x",
    r"(?i)\x{17F}k",
    r"\p{So}\p{Greek}?",
    r"(?P<א>w)[{1,9}]",
    r"[^א]{3,5}x{2,9}",
    r"x[^A-Z]|[^a-z]x",
    r"(?i:x[^A-Z])|w[^\x{6f}]",
    r"(?s)a.{5,60}b",
    r"(?:word){2}[\x41-\x{5A}]",
    r"\0101|\101",
    r"\bZ\b|\Bd",
    r"word(?i)*Q",
    r"(?i)W(?-i:o)(?m-i:R)",
    r"word(?s)?(?i){2}E",
    r"[\x{d800}d]or",
    r"wo\x{dfff}?rd",
    "(?P<שָ>wor)d",
    "x{٣}",
    r"(?:|wo)rd*[^\n]{2}(?:Q|N)+?",
)
TEXTS = st.text(alphabet=st.sampled_from("aZ09 *x]{}1,\\pLNQEword[אבתéÉſ\u212aK²٣_.-–…👍α!\n"), max_size=14)
