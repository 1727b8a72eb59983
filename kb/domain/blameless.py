"""Gentle notes on a postmortem's text: who is named, who is blamed, whose contact data stands in it.

A note never refuses anything. The rules come from outside as plain data; seeds/blameless.yaml explains their
form. A text is cut into words once, and each word is looked up in tables, so that any text is read in
milliseconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.domain.phrases import Phrases, ReadText, Word, key_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

MAX_HINTS = 20
WORD_LISTS = (
    "negations", "honorifics", "roles", "naming", "given_names", "ambiguous_names", "family_names",
    "ambiguous_family_names", "family_endings", "family_particles", "not_family_names", "things",
    "not_after", "public_figures", "not_persons", "not_blame", "shared_mailboxes",
)  # fmt: skip
"""The lists of words that rules are made of, each a list a language."""

_MAX_NAME_WORDS = 8

_EMAIL = re.compile(
    r"(?:(?<![A-Za-z0-9_.%+@/-])|(?<=[א-ת]-))([A-Za-z0-9._%+][A-Za-z0-9._%+-]{0,63})@[^\W_](?:[\w-]|\.(?=[^\W_])){0,190}\.[^\W\d_]{2,24}"
)
_PHONE = re.compile(
    # with the country in front; in Israel, mobile and fixed; in North America
    r"(?:(?<![A-Za-z0-9_.,+$€₪£-])|(?<=[א-ת]-))"
    r"(?:\+[1-9](?:[ ().-]{0,2}[0-9]){9,14}|05[0-9][ -]?[0-9]{3}[ -]?[0-9]{4}"
    r"|0(?:7[0-9]|[23489])-[0-9]{3}-?[0-9]{4}|\([2-9][0-9]{2}\) ?[0-9]{3}[.-][0-9]{4}"
    r"|[2-9][0-9]{2}([.-])[0-9]{3}\1[0-9]{4})(?![\w%-]|[.,][0-9])"
)
# "+12 500 000 000 views" is an amount: groups of three all along, or round at the end
_AMOUNT = re.compile(r"\+[0-9]{1,3}(?:[ .][0-9]{3})+\Z|.*0000\Z")


@dataclass(frozen=True, slots=True)
class Note:
    """A passage that could be worded better, as it stands in the text, and how, by language."""

    kind: str
    passage: str
    start: int
    detail: dict[str, str]


class Rules:
    """What is noted in texts, built from a configuration; lists that it lacks are empty."""

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        self._suggest = configuration.get("suggest", {})
        self._blame, self._fine, self._families = Phrases(), Phrases(), Phrases()
        for group in configuration.get("blame", ()):
            for phrase in _all(group["phrases"]):
                self._blame.add(phrase, group["suggest"])
        lists = {name: _all(configuration.get(name, {})) for name in WORD_LISTS}
        for phrase in (*lists["public_figures"], *lists["not_persons"], *lists["not_blame"]):
            self._fine.add(phrase)
        for phrase in lists["family_names"]:
            self._families.add(phrase)
        self._words = {name: frozenset(map(key_of, words)) for name, words in lists.items()}
        starts = ("honorifics", "naming", "given_names", "ambiguous_names")
        self._starts = frozenset().union(*(self._words[name] for name in starts))
        self._endings = tuple(map(key_of, lists["family_endings"]))

    def notes(self, text: str, *, allowed: Iterable[str] = ()) -> list[Note]:
        """At most twenty notes in the order of the text, each passage once; names in `allowed` are fine."""
        read = ReadText(text)
        fine = self._fine_places(read, allowed)
        found = [*self._contacts(text), *self._blamed(read, fine), *self._persons(read, fine)]
        notes: dict[str, Note] = {}
        end = 0
        for note in sorted(found, key=lambda note: (note.start, -len(note.passage))):
            if note.start >= end:
                notes.setdefault(note.passage.casefold(), note)
                end = note.start + len(note.passage)
        return list(notes.values())[:MAX_HINTS]

    def _note(self, kind: str, text: str, start: int, end: int) -> Note:
        return Note(kind, text[start:end], start, dict(self._suggest.get(kind, {})))

    def _is(self, name: str, word: Word, particles: int = 0) -> bool:
        return not self._words[name].isdisjoint(word.without(particles))

    def _fine_places(self, text: ReadText, allowed: Iterable[str]) -> dict[int, bool]:
        """The places of words in names that are fine; true where such a name has several words."""
        names = Phrases()
        for allowed_name in allowed:
            name = " ".join(allowed_name.split()[:_MAX_NAME_WORDS])
            # "Jane Roe (Acme, Inc.)" is also called Jane Roe, and Ms. Roe
            for part in (name, person := name.partition("(")[0], *person.split()[-1:]):
                names.add(part)
        places: dict[int, bool] = {}
        last_words = set()
        for at in range(len(text.words)):
            for phrases in (self._fine, names):
                end, _ = phrases.longest(text, at, joints="-־&.") or (at, None)
                if end > at + 1:
                    last_words.add(text.words[end - 1].key)
                for place in range(at, end):
                    places[place] = places.get(place, False) or end > at + 1
        if last_words:  # where Chris Brown is spoken of, Mr. Brown is fine
            for at, word in enumerate(text.words):
                if not last_words.isdisjoint(word.forms):
                    places.setdefault(at, False)
        return places

    def _contacts(self, text: str) -> Iterator[Note]:
        for match in _EMAIL.finditer(text):
            if match[1].lower() not in self._words["shared_mailboxes"]:
                yield self._note("contact", text, *match.span())
        for match in _PHONE.finditer(text):
            if not _AMOUNT.match(match.group()):
                yield self._note("contact", text, *match.span())

    def _blamed(self, text: ReadText, fine: Container[int]) -> Iterator[Note]:
        at = 0
        while at < len(text.words):
            end, suggestion = self._blame.longest(text, at) or (at, {})
            if end > at and at not in fine and not self._negated(text, at):
                start, stop = text.words[at].start, text.words[end - 1].end
                yield Note("blame", text.text[start:stop], start, dict(suggestion))
            at = max(end, at + 1)

    def _negated(self, text: ReadText, at: int) -> bool:
        """Whether one of the two words before says that it is not so: "nobody was careless"."""
        for place in (at, at - 1):
            if not text.joined(place):
                return False
            if self._is("negations", text.words[place - 1], 1):
                return True
        return False

    def _persons(self, text: ReadText, fine: Mapping[int, bool]) -> Iterator[Note]:
        at = 0
        while at < len(text.words):
            begin, name, end = self._person(text, at) or (at, at, at)
            places = range(name, end)
            if places and not any(map(fine.get, places)) and not all(place in fine for place in places):
                last = text.words[end - 1]
                stop = last.end - 2 if last.possessive else last.end
                yield self._note("person", text.text, text.words[begin].start, stop)
            at = max(end, at + 1)

    def _person(self, text: ReadText, at: int) -> tuple[int, int, int] | None:
        """Where a person's passage begins, where the name in it begins, and where both end."""
        word = text.words[at]
        if self._starts.isdisjoint(word.forms):
            return None
        end = None
        if (
            self._is("honorifics", word, 2)
            and (word.hebrew or word.capitalized)
            and text.joined(at + 1, ".'׳’")
        ):
            end = self._titled(text, at + 1)
            if end is not None:
                return at, at + 1, end
        roles = text.words[max(at - 4, 0) : at]
        if self._is("naming", word) and any(self._is("roles", role, 2) for role in roles):
            end = self._called(text, at + 1)
            return None if end is None else (at + 1, at + 1, end)
        if not (text.joined(at, "-־.") and self._is("not_after", text.words[at - 1], 2)):
            end = self._hebrew_name(text, at, 1) if word.hebrew else self._latin_name(text, at)
        return None if end is None else (at, at, end)

    def _titled(self, text: ReadText, at: int) -> int | None:
        """Where the name after an honorific ends."""
        word, title = text.words[at], text.words[at - 1]
        if not title.hebrew or not word.hebrew:
            return self._capitalized_run(text, at)
        end = self._hebrew_name(text, at, 0) or self._hebrew_family(text, at)
        # מר also means bitter; what is abbreviated (גב', ד"ר) is an honorific whatever comes after it
        abbreviated = text.text[title.end] in "'׳’" or len(title.key) < len(title.text)
        plausible = len(word.key) > 2 and word.key[0] not in "להבמ"
        return end or (at + 1 if abbreviated and plausible else None)

    def _called(self, text: ReadText, at: int) -> int | None:
        """Where the name after "an employee named" ends."""
        if not text.joined(at):
            return None
        word = text.words[at]
        if not word.hebrew:
            # "an editor named Wendy's in the draft" speaks of a brand
            return None if word.possessive else self._capitalized_run(text, at)
        # בשם also means on behalf of: only a name of the lists counts
        given = self._is("given_names", word) or self._is("ambiguous_names", word)
        return self._hebrew_name(text, at, 0) or (at + 1 if given else None)

    def _family_like(self, word: Word) -> bool:
        return word.capitalized and not self._is("not_family_names", word) and not self._is("things", word)

    def _capitalized_run(self, text: ReadText, at: int) -> int | None:
        """Where one to three capitalized words end, initials not counted."""
        end = last = at
        while end < at + 3 and end < len(text.words) and (end == at or self._follows(text, end)):
            word = text.words[end]
            end += 1
            if self._family_like(word):
                last = end
            elif not word.initial:
                break
        return last if last > at else None

    def _follows(self, text: ReadText, at: int) -> bool:
        """Whether a word goes on with a name: a full stop ends one, unless it closes an initial."""
        return text.joined(at, "-." if at and text.words[at - 1].initial else "-")

    def _latin_name(self, text: ReadText, at: int) -> int | None:
        """Where a given and a family name end: Jean-Luc de Winter, Mary A. Smith."""
        word = text.words[at]
        clear = self._is("given_names", word)
        if not word.capitalized or word.possessive or not (clear or self._is("ambiguous_names", word)):
            return None
        family = at + 1
        while family < at + 4 and self._follows(text, family):
            between = text.words[family]
            if not (between.initial or text.hyphenated(family) or self._is("family_particles", between)):
                break
            clear = clear or self._is("given_names", between)
            family += 1
        if not self._follows(text, family) or not self._family_like(text.words[family]):
            return None
        if not clear and not self._is("family_names", text.words[family]):
            return None
        end = family + 1
        first = self._is("given_names", text.words[family])  # Mary Ann Smith
        while end < family + 3 and self._follows(text, end) and self._family_like(text.words[end]):
            if not (first or text.hyphenated(end) or self._is("family_names", text.words[end])):
                break
            first = False
            end += 1
        # the street and the foundation that bear a name are no person
        return None if self._follows(text, end) and self._is("things", text.words[end]) else end

    def _hebrew_name(self, text: ReadText, at: int, particles: int) -> int | None:
        """Where a given and a family name end, in Hebrew."""
        clear = self._is("given_names", text.words[at], particles)
        if not clear and not self._is("ambiguous_names", text.words[at], particles):
            return None
        for family in (at + 1, at + 2):  # a second given name may come between
            if not text.joined(family):
                return None
            end = self._hebrew_family(text, family, guess=clear)
            if end is not None or not self._is("given_names", text.words[family]):
                return end
        return None

    def _hebrew_family(self, text: ReadText, at: int, *, guess: bool = True) -> int | None:
        """Where a family name of the list ends, or, as a guess, a word that looks like one."""
        listed = self._families.longest(text, at, particles=0)
        if listed is not None or not guess:
            return listed and listed[0]
        word = text.words[at]
        if self._is("ambiguous_family_names", word):
            return at + 1
        if self._is("family_particles", word) and text.joined(at + 1) and text.words[at + 1].hebrew:
            return at + 2
        return at + 1 if word.key.endswith(self._endings) and len(word.key) > 4 else None


def _all(by_language: Mapping[str, Iterable[str]]) -> list[str]:
    return [entry for entries in by_language.values() for entry in entries]
