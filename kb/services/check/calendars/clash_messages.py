"""Messages about posts that clash; `{rows}` are the numbers of the other rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.domain.language import interface_language
from kb.messages import Message
from kb.services.check.calendars.clashes import ClashKind
from kb.translation import translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.services.check.calendars.clashes import Clash

_MESSAGES = {
    ClashKind.SLOT: Message("Within 15 minutes of {rows} on the same channel. Move one of them."),
    ClashKind.TONE: Message(
        "A sale, a product or a joke stands beside a grave post on the same day: see {rows}. "
        "Move one of them."
    ),
    ClashKind.REPETITION: Message("The same text as in {rows}, on the same channel. Is that meant?"),
}
_ROW, _ROWS = Message("row {numbers}"), Message("rows {numbers}")


def clash_message(clash: Clash, languages: Sequence[str]) -> str:
    """Describe a clash in a sentence, in the reader's language."""
    language = interface_language(languages)
    rows = translated(_ROW if len(clash.rows) == 1 else _ROWS, language)
    numbers = ", ".join(map(str, clash.rows))
    return translated(_MESSAGES[clash.kind], language).format(rows=rows.format(numbers=numbers))
