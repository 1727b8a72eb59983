"""Guards in groups, so that a long list stays readable."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.guard import GuardOrigin, GuardType, Severity
from kb.pages.language import is_in_interface_script
from kb.pages.messages import _l
from kb.pages.words.guard_words import title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kb.domain.draft import Draft
    from kb.domain.guard import Guard
    from kb.pages.messages import LazyText
    from kb.services.check.guard_listing import ListedGuard

_GROUPS: Mapping[str, LazyText] = {
    "lesson": _l("Taught by an incident"),
    "team": _l("Of your team"),
    "unfinished": _l("Unfinished text and links"),
    "never": _l("Subjects that never go together"),
    "careful": _l("Subjects that want a second look"),
    "words": _l("Words and hashtags"),
    "invitations": _l("Invitations to the public"),
    "others": _l("Days, accounts and approvals"),
}
"""The groups with their headings, in the order of the list: guards with a story come first."""

_BY_TYPE = {
    GuardType.PLACEHOLDER: "unfinished",
    GuardType.LINK: "unfinished",
    GuardType.PHRASE: "words",
    GuardType.PATTERN: "words",
    GuardType.HASHTAG: "words",
    GuardType.OPEN_INVITATION: "invitations",
}


class GuardGroup(NamedTuple):
    """Guards below a heading."""

    heading: LazyText
    guards: list[ListedGuard]


def in_order(guards: Iterable[ListedGuard]) -> list[ListedGuard]:
    """Sort guards by group; within each, the most severe first, then by title."""
    groups = [*_GROUPS]

    def place(listed: ListedGuard) -> tuple[int, int, str]:
        rank = listed.guard.severity.rank
        return groups.index(_group(listed)), rank, title(listed.guard).text.casefold()

    return sorted(guards, key=place)


def grouped(guards: Iterable[ListedGuard]) -> list[GuardGroup]:
    """Group sorted guards under the headings of their groups."""
    return [GuardGroup(_GROUPS[name], [*found]) for name, found in groupby(guards, _group)]


def sample_of(guard: Guard) -> Draft | None:
    """Return a bad example of a guard, in the reader's script if there is one; None without examples."""
    in_own_script = (draft for draft in guard.bad if is_in_interface_script(draft.text))
    return next(in_own_script, next(iter(guard.bad), None))


def _group(listed: ListedGuard) -> str:
    guard = listed.guard
    if listed.origin is not GuardOrigin.SHIPPED:
        return listed.origin.value
    if guard.type is GuardType.THEMES:
        if len(guard.parameters["all_of"]) == 1:
            return "words"
        return "never" if guard.severity is Severity.STOP else "careful"
    return _BY_TYPE.get(guard.type, "others")
