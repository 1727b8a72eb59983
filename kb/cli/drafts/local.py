"""Checks of drafts with the data folder of this machine, without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.cli.index import CONCEPTS_CHANGED
from kb.cli.language import command_language, failure_of, say
from kb.messages import Message
from kb.models.base import utc_now
from kb.schemas.check_batch import CalendarRowSchema
from kb.schemas.checks import CheckResultSchema
from kb.search.concept_files import LexiconError
from kb.services.check.calendars.batch import check_calendar
from kb.services.check.checking import check_draft
from kb.services.check.draft_input import read_request
from kb.services.check.guard_files import GuardFileError, check_own_file
from kb.services.check.guard_listing import guard_titles
from kb.services.core.system_actors import OPERATOR
from kb.services.infrastructure.runtime import check_own_concepts
from kb.services.search import sync
from kb.services.taxonomy.lookup import TermLookup
from kb.translation import translated_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from kb.services.check.calendars.rows import CalendarRow

_RESULT, _ROW = CheckResultSchema(), CalendarRowSchema()


def open_local_checks(languages: Sequence[str]) -> LocalChecks:
    """Return the checker of the data folder. Raises ClickException if the team's own files are invalid."""
    try:
        check_own_concepts()
        check_own_file()
    except (GuardFileError, LexiconError) as error:  # a pipeline must not go on without them
        raise failure_of(error) from error
    sync.ensure_current(timeout=60)
    if not sync.has_current_concepts():
        say(Message("{problem}: precedents may be missing. Run: kb index rebuild", problem=CONCEPTS_CHANGED))
    return LocalChecks(languages)


class LocalChecks:
    """Checks drafts with the data folder, with the operator's permissions. Stores nothing."""

    def __init__(self, languages: Sequence[str]) -> None:
        self._languages, self._today = languages, utc_now().date()
        self._terms = TermLookup()

    def check(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        request = read_request(data, self._terms)
        result = check_draft(OPERATOR, request, self._languages, today=self._today, now=utc_now())
        dumped: dict[str, Any] = _RESULT.dump({**result, "id": None})
        return dumped

    def check_rows(self, rows: Sequence[CalendarRow]) -> Iterator[Mapping[str, Any]]:
        for line in check_calendar(OPERATOR, rows, self._languages, today=self._today):
            if "totals" not in line:
                yield _ROW.dump(translated_row(line, command_language()))

    def guard_titles(self, keys: Collection[str]) -> Mapping[str, str]:
        titles = guard_titles(OPERATOR, keys, self._languages)
        return {key: title.text for key, title in titles.items()}
