"""Style hints for a blameless postmortem: named persons, blaming phrases, contact details.

Hints never block anything. The rules are passed in as plain data; seeds/blameless.yaml documents the format.
A text is tokenized once and each distinct word is looked up in sets and tries, so any text takes only
milliseconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kb.domain.phrases import PhraseTrie, TokenizedText, Word, normalize_word

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

WORD_LISTS = (
    "negations", "honorifics", "roles", "naming", "given_names", "ambiguous_names", "family_names",
    "ambiguous_family_names", "family_endings", "family_particles", "not_family_names", "things",
    "not_after", "public_figures", "not_persons", "not_blame", "shared_mailboxes",
)  # fmt: skip
"""The word lists in a rules configuration. Each maps a language to a list."""

_MAX_NAME_WORDS = 8

_EMAIL = re.compile(
    r"(?:(?<![A-Za-z0-9_.%+@/-])|(?<=[א-ת]-))([A-Za-z0-9._%+][A-Za-z0-9._%+-]{0,63})@[^\W_](?:[\w-]|\.(?=[^\W_])){0,190}\.[^\W\d_]{2,24}"
)
_PHONE = re.compile(
    # international; Israeli mobile and landline; North American
    r"(?:(?<![A-Za-z0-9_.,+$€₪£-])|(?<=[א-ת]-))"
    r"(?:\+[1-9](?:[ ().-]{0,2}[0-9]){9,14}|05[0-9][ -]?[0-9]{3}[ -]?[0-9]{4}"
    r"|0(?:7[0-9]|[23489])-[0-9]{3}-?[0-9]{4}|\([2-9][0-9]{2}\) ?[0-9]{3}[.-][0-9]{4}"
    r"|[2-9][0-9]{2}([.-])[0-9]{3}\1[0-9]{4})(?![\w%-]|[.,][0-9])"
)
_DIGIT = re.compile("[0-9]")
# "+12 500 000 000 views" is an amount: groups of three digits throughout, or a round number
_AMOUNT = re.compile(r"\+[0-9]{1,3}(?:[ .][0-9]{3})+\Z|.*0000\Z")


@dataclass(frozen=True, slots=True)
class StyleHint:
    """A passage to reword, verbatim, with its offset in the text and advice by language."""

    kind: str
    passage: str
    start: int
    detail: dict[str, str]


class BlamelessRules:
    """The rules built from a configuration. A missing list counts as empty."""

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        self._suggest = configuration.get("suggest", {})
        self._blame, self._allowed, self._family_names = PhraseTrie(), PhraseTrie(), PhraseTrie()
        for group in configuration.get("blame", ()):
            for phrase in _flatten(group["phrases"]):
                self._blame.add(phrase, group["suggest"])
        lists = {name: _flatten(configuration.get(name, {})) for name in WORD_LISTS}
        for phrase in (*lists["public_figures"], *lists["not_persons"], *lists["not_blame"]):
            self._allowed.add(phrase)
        for phrase in lists["family_names"]:
            self._family_names.add(phrase)
        self._word_sets = {name: frozenset(map(normalize_word, words)) for name, words in lists.items()}
        starts = ("honorifics", "naming", "given_names", "ambiguous_names")
        self._name_starts = frozenset().union(*(self._word_sets[name] for name in starts))
        self._family_endings = tuple(map(normalize_word, lists["family_endings"]))

    def hints(self, text: str, *, allowed: Iterable[str] = ()) -> list[StyleHint]:
        """The hints on a text, in text order, each passage once. Names in `allowed` get no hint."""
        tokens = TokenizedText(text)
        allowed_positions = self._allowed_positions(tokens, allowed)
        candidates = [
            *self._contact_hints(text),
            *self._blame_hints(tokens, allowed_positions),
            *self._person_hints(tokens, allowed_positions),
        ]
        hints: dict[str, StyleHint] = {}
        end = 0
        for hint in sorted(candidates, key=lambda hint: (hint.start, -len(hint.passage))):
            if hint.start >= end:
                hints.setdefault(hint.passage.casefold(), hint)
                end = hint.start + len(hint.passage)
        return list(hints.values())

    def _hint(self, kind: str, text: str, start: int, end: int) -> StyleHint:
        return StyleHint(kind, text[start:end], start, dict(self._suggest.get(kind, {})))

    def _in_list(self, name: str, word: Word, particles: int = 0) -> bool:
        return not self._word_sets[name].isdisjoint(word.forms_without_particles(particles))

    def _allowed_positions(self, text: TokenizedText, allowed: Iterable[str]) -> dict[int, bool]:
        """The positions of words in allowed names. The value is true if that name has several words."""
        positions: dict[int, bool] = {}
        last_words = set()
        for phrases in (self._allowed, _names(tuple(allowed))):
            for at in phrases.starts(text):
                end, _ = phrases.longest_match(text, at, separators="-־&.") or (at, None)
                if end > at + 1:
                    last_words.add(text[end - 1].key)
                for position in range(at, end):
                    positions[position] = positions.get(position, False) or end > at + 1
        if last_words:  # a text that mentions Chris Brown may also say Mr. Brown
            for at in text.positions(last_words):
                positions.setdefault(at, False)
        return positions

    def _contact_hints(self, text: str) -> Iterator[StyleHint]:
        for match in _EMAIL.finditer(text) if "@" in text else ():
            if match[1].lower() not in self._word_sets["shared_mailboxes"]:
                yield self._hint("contact", text, *match.span())
        for match in _PHONE.finditer(text) if _DIGIT.search(text) else ():
            if not _AMOUNT.match(match.group()):
                yield self._hint("contact", text, *match.span())

    def _blame_hints(self, text: TokenizedText, allowed_positions: Container[int]) -> Iterator[StyleHint]:
        last_end = 0
        for at in self._blame.starts(text):
            if at < last_end:
                continue
            end, suggestion = self._blame.longest_match(text, at) or (at, {})
            if end > at and at not in allowed_positions and not self._negated(text, at):
                start, stop = text[at].start, text[end - 1].end
                yield StyleHint("blame", text.text[start:stop], start, dict(suggestion))
            last_end = end

    def _negated(self, text: TokenizedText, at: int) -> bool:
        """Whether one of the two preceding words negates a phrase: "nobody was careless"."""
        for position in (at, at - 1):
            if not text.is_adjacent(position):
                return False
            if self._in_list("negations", text[position - 1], 1):
                return True
        return False

    def _person_hints(
        self, text: TokenizedText, allowed_positions: Mapping[int, bool]
    ) -> Iterator[StyleHint]:
        last_end = 0
        for at in text.positions(self._name_starts):
            if at < last_end:
                continue
            begin, name, end = self._person_span(text, at) or (at, at, at)
            positions = range(name, end)
            if (
                positions
                and not any(map(allowed_positions.get, positions))
                and not all(position in allowed_positions for position in positions)
            ):
                last = text[end - 1]
                stop = last.end - 2 if last.is_possessive else last.end
                yield self._hint("person", text.text, text[begin].start, stop)
            last_end = end

    def _person_span(self, text: TokenizedText, at: int) -> tuple[int, int, int] | None:
        """For a word that may start a name: the start of a passage that names a person, the start of the
        name in it, and their common end."""
        word = text[at]
        end = None
        if (
            self._in_list("honorifics", word, 2)
            and (word.is_hebrew or word.is_capitalized)
            and text.is_adjacent(at + 1, ".'׳’")
        ):
            end = self._name_after_honorific(text, at + 1)
            if end is not None:
                return at, at + 1, end
        roles = [text[place] for place in range(max(at - 4, 0), at)]
        if self._in_list("naming", word) and any(self._in_list("roles", role, 2) for role in roles):
            end = self._name_after_naming_word(text, at + 1)
            return None if end is None else (at + 1, at + 1, end)
        if not (text.is_adjacent(at, "-־.") and self._in_list("not_after", text[at - 1], 2)):
            end = self._hebrew_name(text, at, 1) if word.is_hebrew else self._latin_name(text, at)
        return None if end is None else (at, at, end)

    def _name_after_honorific(self, text: TokenizedText, at: int) -> int | None:
        """The end of the name after an honorific."""
        word, title = text[at], text[at - 1]
        if not title.is_hebrew or not word.is_hebrew:
            return self._capitalized_name(text, at)
        end = self._hebrew_name(text, at, 0) or self._hebrew_family(text, at)
        # מר also means bitter; an abbreviation (גב', ד"ר) is always an honorific
        abbreviated = text.text[title.end] in "'׳’" or len(title.key) < len(title.text)
        plausible = len(word.key) > 2 and word.key[0] not in "להבמ"
        return end or (at + 1 if abbreviated and plausible else None)

    def _name_after_naming_word(self, text: TokenizedText, at: int) -> int | None:
        """The end of the name after a word such as "named" in "an employee named"."""
        if not text.is_adjacent(at):
            return None
        word = text[at]
        if not word.is_hebrew:
            # "an editor named Wendy's in the draft" names a brand
            return None if word.is_possessive else self._capitalized_name(text, at)
        # בשם also means on behalf of: only a listed name counts
        given = self._in_list("given_names", word) or self._in_list("ambiguous_names", word)
        return self._hebrew_name(text, at, 0) or (at + 1 if given else None)

    def _looks_like_family_name(self, word: Word) -> bool:
        return (
            word.is_capitalized
            and not self._in_list("not_family_names", word)
            and not self._in_list("things", word)
        )

    def _capitalized_name(self, text: TokenizedText, at: int) -> int | None:
        """The end of one to three capitalized words. Initials do not count."""
        end = last = at
        while end < at + 3 and end < len(text) and (end == at or self._continues_name(text, end)):
            word = text[end]
            end += 1
            if self._looks_like_family_name(word):
                last = end
            elif not word.is_initial:
                break
        return last if last > at else None

    def _continues_name(self, text: TokenizedText, at: int) -> bool:
        """Whether a word can continue a name. A period ends a name, unless it follows an initial."""
        return text.is_adjacent(at, "-." if at and text[at - 1].is_initial else "-")

    def _latin_name(self, text: TokenizedText, at: int) -> int | None:
        """The end of a given name and a family name: Jean-Luc de Winter, Mary A. Smith."""
        word = text[at]
        clear = self._in_list("given_names", word)
        if (
            not word.is_capitalized
            or word.is_possessive
            or not (clear or self._in_list("ambiguous_names", word))
        ):
            return None
        family = at + 1
        while family < at + 4 and self._continues_name(text, family):
            between = text[family]
            if not (
                between.is_initial or text.is_hyphenated(family) or self._in_list("family_particles", between)
            ):
                break
            clear = clear or self._in_list("given_names", between)
            family += 1
        if not self._continues_name(text, family) or not self._looks_like_family_name(text[family]):
            return None
        if not clear and not self._in_list("family_names", text[family]):
            return None
        end = family + 1
        first = self._in_list("given_names", text[family])  # Mary Ann Smith
        while (
            end < family + 3 and self._continues_name(text, end) and self._looks_like_family_name(text[end])
        ):
            if not (first or text.is_hyphenated(end) or self._in_list("family_names", text[end])):
                break
            first = False
            end += 1
        # a street or foundation named after a person is not a person
        return None if self._continues_name(text, end) and self._in_list("things", text[end]) else end

    def _hebrew_name(self, text: TokenizedText, at: int, particles: int) -> int | None:
        """The end of a given name and a family name in Hebrew."""
        clear = self._in_list("given_names", text[at], particles)
        if not clear and not self._in_list("ambiguous_names", text[at], particles):
            return None
        for family in (at + 1, at + 2):  # a second given name may come first
            if not text.is_adjacent(family):
                return None
            end = self._hebrew_family(text, family, guess=clear)
            if end is not None or not self._in_list("given_names", text[family]):
                return end
        return None

    def _hebrew_family(self, text: TokenizedText, at: int, *, guess: bool = True) -> int | None:
        """The end of a listed family name or, if `guess`, of a word that looks like one."""
        listed = self._family_names.longest_match(text, at, particles=0)
        if listed is not None or not guess:
            return listed and listed[0]
        word = text[at]
        if self._in_list("ambiguous_family_names", word):
            return at + 1
        if self._in_list("family_particles", word) and text.is_adjacent(at + 1) and text[at + 1].is_hebrew:
            return at + 2
        return at + 1 if word.key.endswith(self._family_endings) and len(word.key) > 4 else None


@lru_cache(maxsize=100)
def _names(allowed: tuple[str, ...]) -> PhraseTrie:
    """The beginnings of some names, memoized, since an incident has many texts and one organization."""
    names = PhraseTrie()
    for allowed_name in allowed:
        name = " ".join(allowed_name.split()[:_MAX_NAME_WORDS])
        # "Jane Roe (Acme, Inc.)" is also called Jane Roe, and Ms. Roe
        for part in (name, person := name.partition("(")[0], *person.split()[-1:]):
            names.add(part)
    return names


def _flatten(by_language: Mapping[str, Iterable[str]]) -> list[str]:
    return [entry for entries in by_language.values() for entry in entries]
