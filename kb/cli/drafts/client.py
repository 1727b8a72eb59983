"""The places where `kb check` checks drafts: the data folder of this machine, or a running service."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from kb import __version__
from kb.cli.language import command_language, failure
from kb.errors import FieldError, InvalidInput
from kb.messages import Message, joined

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from kb.services.check.calendars.rows import CalendarRow

_API = "/api/v1"
"""The version of the API that this client speaks."""

_TIMEOUT = 60
"""Seconds to wait for a service to respond, and between two lines of a response."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirects, which would send the token, but not the draft, to another URL."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects)


class Checks(Protocol):
    """Checks drafts, given as the data of a POST /checks body."""

    def check(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The result of a check, in the form of POST /checks. Raises InvalidInput."""

    def check_rows(self, rows: Sequence[CalendarRow]) -> Iterator[Mapping[str, Any]]:
        """The results of the rows of a calendar, in the form of POST /checks/batch."""

    def guard_titles(self, keys: Collection[str]) -> Mapping[str, str]:
        """The titles of guards by key, without those that no longer exist."""


class RemoteChecks:
    """Checks drafts with a running service, as the owner of a token or anonymously."""

    def __init__(self, server: str, token: str | None, languages: Sequence[str]) -> None:
        self._server, self._languages = server.rstrip("/"), languages
        self._headers = {"Content-Type": "application/json", "User-Agent": f"kb/{__version__}"}
        if languages:
            self._headers["Accept-Language"] = ",".join(languages)
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"

    def check(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._answer("/checks", data) as response:
            result: dict[str, Any] = json.load(response)
            return result

    def check_rows(self, rows: Sequence[CalendarRow]) -> Iterator[Mapping[str, Any]]:
        from kb.services.check.calendars.rows import invalid_row
        from kb.translation import translated_row

        sent = [row for row in rows if not row.errors]
        results = self._results(sent)
        for row in rows:
            yield translated_row(invalid_row(row), command_language()) if row.errors else next(results)

    def guard_titles(self, keys: Collection[str]) -> Mapping[str, str]:
        if not keys:
            return {}
        from kb.guards.definition import to_guard
        from kb.services.check.guard_texts import title_of

        with self._answer("/guards") as response:
            guards = {item["key"]: item for item in json.load(response)["items"] if item["key"] in keys}
        return {key: title_of(to_guard(key, item), self._languages).text for key, item in guards.items()}

    def _results(self, rows: Sequence[CalendarRow]) -> Iterator[Mapping[str, Any]]:
        """The results of valid rows, with their numbers in the file."""
        from kb.services.check.calendars.rows import row_notes
        from kb.translation import translated_row

        with self._answer("/checks/batch", [row.data for row in rows]) as response:
            lines = map(json.loads, response)
            for row, result in zip(rows, lines, strict=False):
                clashes = [self._renumbered(clash, row, rows) for clash in result["clashes"]]
                own = translated_row({"notes": row_notes(row.notes)}, command_language())["notes"]
                notes = [*own, *result.get("notes", ())]
                clashing = list(filter(None, clashes))
                number = {"row": row.number, "column": row.column}
                yield {**result, **number, "clashes": clashing, "notes": notes}
            if next(lines, None) is None:
                raise failure(Message("{server} broke its answer off. Try again.", server=self._server))

    def _renumbered(
        self, clash: Mapping[str, Any], row: CalendarRow, rows: Sequence[CalendarRow]
    ) -> dict[str, Any] | None:
        """A clash with row numbers of this file; None for a clash of slots if only days are known."""
        from kb.services.check.calendars.clashes import Clash, ClashKind, clash_message

        others = [rows[number - 1] for number in clash["rows"]]
        if clash["kind"] == ClashKind.SLOT:
            others = [other for other in others if row.has_time and other.has_time]
        if not others:
            return None
        numbers = tuple(other.number for other in others)
        message = clash_message(Clash(ClashKind(clash["kind"]), numbers), self._languages)
        return {**clash, "rows": list(numbers), "message": message}

    @contextmanager
    def _answer(self, path: str, body: Any = None) -> Iterator[Any]:
        """The response to a POST, or to a GET without a body, to be read.

        Raises InvalidInput for a body that the service refuses, and ClickException if it cannot be reached,
        refuses the caller, or sends a response that cannot be read."""
        request = urllib.request.Request(  # noqa: S310 (the caller has checked the scheme)
            f"{self._server}{_API}{path}", None if body is None else json.dumps(body).encode(), self._headers
        )
        try:
            with _OPENER.open(request, timeout=_TIMEOUT) as response:
                yield response
        except urllib.error.HTTPError as error:
            raise _refusal(error, self._server) from error
        except json.JSONDecodeError as error:
            raise _failure_at(self._server, _no_service(response.status, response.reason)) from error
        except (OSError, ValueError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise failure(
                Message("{server} cannot be reached: {reason}", server=self._server, reason=reason)
            ) from error


def _refusal(error: urllib.error.HTTPError, server: str) -> Exception:
    """The error that a service sent instead of a result."""
    try:
        problem = json.load(error)
        details = [item["detail"] for item in problem.get("errors", ())] or [problem["detail"]]
    except (ValueError, KeyError, TypeError):
        details = [_no_service(error.code, error.reason)]
    if error.code in (400, 413, 422):
        return InvalidInput([FieldError("", joined(details))])
    return _failure_at(server, joined(details))


def _failure_at(server: str, details: str) -> Exception:
    return failure(Message("{server}: {details}", server=server, details=details))


def _no_service(code: int, reason: str) -> Message:
    return Message(
        "It answered {code} {reason}: is it the service, and of this version?", code=code, reason=reason
    )


class Target(NamedTuple):
    """Where to check: a running service, with a token, or the data folder."""

    server: str | None
    token_file: Path | None
    data_dir: Path | None


def open_checks(target: Target, languages: Sequence[str]) -> Checks:
    """Return the checker for a target. Raises ClickException if the team's own files are invalid."""
    if target.server is not None:
        return RemoteChecks(target.server, _token(target.token_file), languages)
    from kb.cli.drafts.local import open_local_checks

    return open_local_checks(languages)


def _token(file: Path | None) -> str | None:
    """The token in a file, or in the variable KB_TOKEN. Raises ClickException for a text that cannot be a
    token.
    """
    try:
        text = os.environ.get("KB_TOKEN", "") if file is None else file.read_text("utf-8")
    except OSError as error:
        raise failure(Message("It cannot be read: {reason}.", reason=error.strerror)) from error
    except UnicodeDecodeError as error:
        raise failure(Message("This is not text in UTF-8. Save it as UTF-8.")) from error
    token = text.strip()
    if not (token.isascii() and token.isprintable()):
        raise failure(
            Message("This token is invalid, expired or revoked. Sign in again, or ask for a new one.")
        )
    return token or None
