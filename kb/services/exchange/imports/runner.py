"""Run imports over HTTP, each in a thread of the process that received the file.

The thread pauses regularly, so that requests are answered meanwhile (docs/decisions/0072).
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from kb import pauses
from kb.domain.dates import iso
from kb.domain.import_job import ImportPhase, ImportState
from kb.domain.permissions import Actor, Role
from kb.errors import Conflict, InvalidInput, KBError, MalformedInput
from kb.messages import Message, joined, message_of
from kb.models import db
from kb.services.core.reading import reading
from kb.services.core.system_actors import importer_for
from kb.services.exchange.files.compressed import open_unpacked
from kb.services.exchange.files.formats import read_incident_file
from kb.services.exchange.files.mapping import ReadOptions, load_mapping
from kb.services.exchange.files.table_readings import read_table_as
from kb.services.exchange.imports import attempts, importing, jobs
from kb.services.exchange.imports.attempts import ImportTask, StoppedError
from kb.services.exchange.imports.duplicates import find_duplicates
from kb.services.exchange.imports.expected_duplicates import expected_duplicates
from kb.services.exchange.imports.repeated_imports import FilesDigest, imported_before, without_external_id
from kb.services.exchange.imports.report import capped_report, import_report, style_notes
from kb.services.exchange.line_checks import LineError, skipped_lines
from kb.services.infrastructure.client_address import address, set_address
from kb.services.infrastructure.runtime import application, settings
from kb.services.search import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from flask import Flask

    from kb.services.exchange.entries import Entry
    from kb.services.exchange.files.mapping import ImportMapping
    from kb.services.exchange.imports.duplicates import LikelyDuplicate
    from kb.services.exchange.imports.importing import ImportReport
    from kb.services.exchange.imports.jobs import Ticket
    from kb.services.exchange.imports.report import Note
    from kb.services.exchange.line_checks import CheckedFile

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 2.0
"""The interval between heartbeats of an import."""

_ENTRIES_BETWEEN_PAUSES = 10

MAX_ENTRIES = 200_000
"""How many incidents a file may have; the errors of each are in memory until the import ends."""

_UNPACKED_TIMES = 8
"""The maximum unpacked size of a compressed file, as a multiple of `KB_MAX_IMPORT_BYTES`."""

_INDEX_TIMEOUT = 600.0

_one_at_a_time = threading.Lock()
"""Held by the import that this process is running; imports of other teams wait."""

_UNEXPECTED = Message("Something went wrong on the server, and nothing was imported. The log says what.")


class Requester(NamedTuple):
    """Who requested an import, and the translation into the language of its report."""

    actor: Actor
    say: Callable[[str], str]


def start(ticket: Ticket, requester: Requester) -> threading.Thread:
    """Start running a created import. Returns its thread at once."""
    app = application()
    client = address()

    def work() -> None:
        set_address(client)
        _Attempt(app, ticket, requester).run()

    thread = threading.Thread(target=work, name=f"import-{ticket.job_id}", daemon=True)
    thread.start()
    return thread


class _Findings(NamedTuple):
    """The result of checking a file: its lines, the style hints of a dry run, and when the same file was
    imported before."""

    checked: CheckedFile
    notes: list[Note] | None
    before: datetime | None

    def report(self, done: ImportReport, duplicates: Sequence[LikelyDuplicate] = ()) -> dict[str, Any]:
        """The report of the import, with what was done and the likely duplicates."""
        report = import_report(self.checked, done, skipped_lines(self.checked), duplicates, self.notes)
        return {**report, "imported_before": iso(self.before)}


class _Attempt:
    """One attempt at an import, with its progress."""

    def __init__(self, app: Flask, ticket: Ticket, requester: Requester) -> None:
        self._app, self._ticket, self._requester = app, ticket, requester
        self._phase, self._done, self._total = ImportPhase.CHECKING, 0, 0
        self._is_stopped, self._has_ended = threading.Event(), threading.Event()
        self._is_written = self._is_trial = False

    def run(self) -> None:
        """Run the attempt, and record its end; no error is raised, since nobody waits for it."""
        heartbeats = threading.Thread(
            target=self._send_heartbeats, name=f"heartbeats-{self._ticket.job_id}", daemon=True
        )
        heartbeats.start()
        try:
            with _one_at_a_time, self._app.app_context():
                self._run()
        except StoppedError:
            log.info("Import %d was stopped.", self._ticket.job_id)
        except Exception:
            log.exception("Import %d could not be ended.", self._ticket.job_id)
        finally:
            self._has_ended.set()
            heartbeats.join()

    def _run(self) -> None:
        try:
            self._import(attempts.begin(self._ticket))
        except StoppedError:
            db.session.rollback()
            raise
        except KBError as error:
            db.session.rollback()
            self._end(ImportState.FAILED, error=_reason(error))
        except Exception:
            db.session.rollback()
            log.exception("Import %d failed.", self._ticket.job_id)
            self._end(ImportState.FAILED, error=_UNEXPECTED)

    def _send_heartbeats(self) -> None:
        """Send heartbeats, and check the row for a request to stop."""
        while not self._has_ended.wait(HEARTBEAT_SECONDS):
            try:
                with self._app.app_context():
                    attempts.record_progress(self._ticket, self._phase, self._done, self._total)
            except StoppedError:
                self._is_stopped.set()
                return
            except (KBError, SQLAlchemyError):
                log.warning("Import %d cannot say that it is alive.", self._ticket.job_id)

    def _report(self, done: int, total: int) -> None:
        """Note the progress of the phase, and pause, so that requests of this process can run.

        Raises StoppedError if the attempt was canceled.
        """
        self._done, self._total = done, total
        if self._is_stopped.is_set() and not self._is_written:
            raise StoppedError
        reading(pauses.rest)()

    def _begin_phase(self, phase: ImportPhase) -> None:
        self._phase, self._done, self._total = phase, 0, 0

    def _import(self, task: ImportTask) -> None:
        options = task.options
        self._is_trial = options["dry_run"]
        checked = self._check(task)
        notes = style_notes(checked.lines) if options["dry_run"] else None
        if checked.errors and not options["skip_invalid"]:
            self._end_with_errors(checked, notes)
            return
        before = None if options["again"] else imported_before(checked, task.team)
        if before is not None:
            detail = _repeated(checked, before)
            if not options["dry_run"]:
                raise Conflict(detail)
            checked = checked._replace(remarks=[LineError(0, "", detail), *checked.remarks])
        findings = _Findings(checked, notes, before)
        self._follow_up(task, self._write(task, findings), findings)

    def _end_with_errors(self, checked: CheckedFile, notes: list[Note] | None) -> None:
        skipped = skipped_lines(checked)
        error = Message(
            "Nothing was imported: {skipped} of {total} incidents are invalid. Correct them, or send "
            "skip_invalid=true.",
            skipped=skipped,
            total=skipped + len(checked.lines),
        )
        report = import_report(checked, importing.ImportReport([], 0, 0), skipped, (), notes)
        self._end(ImportState.FAILED, error=error, report=report)

    def _write(self, task: ImportTask, findings: _Findings) -> ImportReport:
        """Write the lines, and record in the same transaction that they are written."""

        def mark_written(done: ImportReport) -> None:
            # None until the likely duplicates are known.
            kept = capped_report({**findings.report(done), "duplicates": None}, self._requester.say)
            attempts.mark_written(self._ticket, kept)
            self._is_written = True

        checked = findings.checked
        self._begin_phase(ImportPhase.WRITING)
        return importing.write_lines(
            checked.lines,
            task.team,
            self._report,
            dry_run=task.options["dry_run"],
            noted={
                "digest": checked.digest,
                "skipped": skipped_lines(checked),
                "file": task.name or None,
                "import": self._ticket.job_id,
            },
            actor=importer_for(self._requester.actor),
            finish=mark_written,
        )

    def _check(self, task: ImportTask) -> CheckedFile:
        """The checked lines of the file. Raises MalformedInput, InvalidInput or Conflict."""
        most = _UNPACKED_TIMES * max(settings().max_body_bytes, settings().max_import_bytes)
        with open_unpacked(BytesIO(task.content), most=most) as file:
            digest = FilesDigest()
            size = digest.add(file)
            options = self._reading(task, file)
            paced = self._paced(read_incident_file(file, options), file, size, task.name)
            checked = importing.check_entries(paced, task.team)._replace(digest=digest.value())
        db.session.rollback()
        return checked

    def _reading(self, task: ImportTask, file: BinaryIO) -> ReadOptions:
        """How to read the file. A dry run guesses the mapping of a foreign table, and records it."""
        options = task.options
        sent = jobs.mapping_of(options)
        named = ReadOptions(name=task.name, encoding=options["encoding"], mapping=_loaded(sent))
        if not options["dry_run"]:
            return named
        completes = options.get("completes", False)
        read_as = read_table_as(file, named, sent, team=task.team, completes=completes)
        if read_as is None:
            return named
        # A restarted attempt finds what the first one has guessed.
        guessed = read_as.guessed or options.get("guessed", [])
        recorded = {**options, **read_as._asdict(), "guessed": guessed}
        attempts.record_reading(self._ticket, recorded)
        return replace(named, mapping=_loaded(read_as.mapping))

    def _paced(self, entries: Iterator[Entry], file: BinaryIO, size: int, name: str) -> Iterator[Entry]:
        for number, entry in enumerate(entries):
            if number >= MAX_ENTRIES:
                raise MalformedInput(
                    Message("The file has more than {most} incidents. Send it in parts.", most=MAX_ENTRIES)
                )
            if number % _ENTRIES_BETWEEN_PAUSES == 0:
                self._report(min(file.tell(), size), size)
            # Only documents of an archive need a file name; in a single file, line numbers are enough.
            yield entry._replace(file="") if entry.file == name else entry

    def _follow_up(self, task: ImportTask, done: ImportReport, findings: _Findings) -> None:
        """Index the incidents, and look for duplicates. If indexing fails, a later search does it."""
        is_dry = task.options["dry_run"]
        reader = Actor(name="", role=Role.READER, roles={task.team_id: Role.READER})
        try:
            self._begin_phase(ImportPhase.INDEXING)
            sync.ensure_current(timeout=_INDEX_TIMEOUT, progress=self._report)
            self._begin_phase(ImportPhase.DUPLICATES)
            find = expected_duplicates if is_dry else find_duplicates
            duplicates = find(done.added, self._report, reader)
        except StoppedError:
            raise
        except Exception:
            if is_dry:
                raise
            log.exception("Import %d is written, and not yet indexed.", self._ticket.job_id)
            db.session.rollback()
            self._end(ImportState.DONE)
            return
        self._end(ImportState.DONE, report=findings.report(done, duplicates))

    def _end(
        self, state: ImportState, *, error: Message | None = None, report: dict[str, Any] | None = None
    ) -> None:
        say = self._requester.say
        attempts.end(
            self._ticket,
            state,
            self._phase,
            error=None if error is None else say(error),
            report=None if report is None else capped_report(report, say),
            keeps_file=self._is_trial,
        )


def _loaded(content: dict[str, Any] | None) -> ImportMapping | None:
    return None if content is None else load_mapping(content)


def _reason(error: KBError) -> Message:
    """The message of an error, with the fields that it names."""
    if isinstance(error, InvalidInput):
        return joined([message_of(error), *(joined([e.pointer, e.detail], ": ") for e in error.errors)])
    return message_of(error)


def _repeated(checked: CheckedFile, before: datetime) -> Message:
    return Message(
        "The same file was imported at {at} already, and what has no external id would be there twice: "
        "{count} incidents. Import it once more with again=true.",
        at=before.isoformat(" ", "minutes"),
        count=without_external_id(checked),
    )
