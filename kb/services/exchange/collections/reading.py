"""Read a collection from a folder of YAML files, or from one file of YAML documents or JSON Lines."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from kb.domain.collection import HEAD_FILE, MAX_INCIDENTS
from kb.domain.strict_json import count_members
from kb.errors import MalformedInput
from kb.messages import Message
from kb.pauses import no_pause
from kb.services.exchange.entries import read_entries
from kb.yaml_text import (
    MAX_INCIDENT_VALUES,
    IncidentDocumentsLoader,
    IncidentLoader,
    TextDatesLoader,
    has_more_values,
    read_yaml,
    read_yaml_documents,
    yaml_problem,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kb.pauses import Pause
    from kb.services.exchange.entries import Entry

_YAML_SUFFIXES = (".yaml", ".yml")
_JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")

_MAX_READ = 2 * MAX_INCIDENTS
"""How many entries of a file are read: the head, the incidents, and some documents that are empty."""

_UNREADABLE = Message("This is not readable YAML in UTF-8: {reason}")


class FileEntry(NamedTuple):
    """An incident or the head of a collection, as read from a file.

    `location` is where it is, for people; `problem` says why `value` could not be read.
    """

    location: str
    value: Any
    problem: Message | None = None


class CollectionFile(NamedTuple):
    """A collection as read from files: its head and its incidents."""

    head: FileEntry
    incidents: list[FileEntry]


def read_collection(path: Path, pause: Pause = no_pause) -> CollectionFile:
    """Read a collection from a folder or a file. Raises MalformedInput for anything else.

    `pause` is called after each incident.
    """
    return _read_folder(path, pause) if path.is_dir() else read_file(path.name, path.read_bytes(), pause)


def read_head(folder: Path) -> Any:
    """Read the head of the collection in a folder, without validation."""
    return read_yaml((folder / HEAD_FILE).read_text("utf-8"), TextDatesLoader)


def incident_files(folder: Path) -> list[Path]:
    """The incident files in a collection's folder."""
    return sorted(
        path for path in folder.iterdir() if path.suffix in _YAML_SUFFIXES and path.name != HEAD_FILE
    )


def read_file(name: str, content: bytes, pause: Pause = no_pause) -> CollectionFile:
    """Read a collection from the content of a file, in the format of its suffix. Raises MalformedInput.

    `pause` is called after each incident.
    """
    suffix = name[name.rfind(".") :].lower()
    if suffix in _YAML_SUFFIXES:
        entries = _read_documents(name, content, pause)
    elif suffix in _JSON_SUFFIXES:
        entries = _read_lines(name, content, pause)
    else:
        raise MalformedInput(
            Message(
                "{name} is not a collection: the name of one ends in .yaml, .yml, .jsonl or .ndjson.",
                name=name,
            )
        )
    return _collection(entries[0], entries[1:])


def _collection(head: FileEntry, incidents: list[FileEntry]) -> CollectionFile:
    if not incidents:
        raise MalformedInput(
            Message("The collection has no incidents: {place} holds its head alone.", place=head.location)
        )
    if len(incidents) > MAX_INCIDENTS:
        raise MalformedInput(
            Message(
                "A collection has at most {most} incidents; these are {count}.",
                most=MAX_INCIDENTS,
                count=len(incidents),
            )
        )
    return CollectionFile(head, incidents)


def _read_folder(folder: Path, pause: Pause) -> CollectionFile:
    if not (folder / HEAD_FILE).is_file():
        raise MalformedInput(
            Message(
                "{folder} is not a collection: there is no {file} in it.", folder=str(folder), file=HEAD_FILE
            )
        )
    incidents = []
    for path in incident_files(folder):
        incidents.append(_read_yaml_file(path))
        pause()
    return _collection(_read_yaml_file(folder / HEAD_FILE), incidents)


def _read_yaml_file(path: Path) -> FileEntry:
    try:
        return FileEntry(path.name, read_yaml(path.read_text("utf-8"), IncidentLoader))
    except (ValueError, RecursionError, yaml.YAMLError) as error:  # ValueError: not UTF-8
        return FileEntry(path.name, None, _UNREADABLE.format(reason=yaml_problem(error)))


def _read_documents(name: str, content: bytes, pause: Pause) -> list[FileEntry]:
    try:
        documents = read_yaml_documents(
            content.decode("utf-8-sig"), IncidentDocumentsLoader, _MAX_READ + 1, pause
        )
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise MalformedInput(
            Message("{name}: {reason}", name=name, reason=_UNREADABLE.format(reason=yaml_problem(error)))
        ) from error
    _check_number(documents)
    location = Message("{file}, document {number}")
    entries = [
        FileEntry(location.format(file=name, number=number), document)
        for number, document in enumerate(documents, 1)
        if document is not None
    ]
    if not entries:
        raise MalformedInput(Message("{name} is empty.", name=name))
    return entries


def _read_lines(name: str, content: bytes, pause: Pause) -> list[FileEntry]:
    _check_members(name, content)
    locations = {"line": Message("{file}, line {number}"), "item": Message("{file}, item {number}")}
    read: list[Entry] = []
    for entry in islice(read_entries(content.splitlines(keepends=True)), _MAX_READ + 1):
        read.append(entry)
        pause()
    _check_number(read)
    entries = []
    for entry in read:
        location = locations[entry.unit].format(file=name, number=entry.number)
        entries.append(FileEntry(location, entry.value, _problem(entry)))
        pause()
    return entries


def _check_members(name: str, content: bytes) -> None:
    """Refuse a file in JSON that says hardly anything: reading takes long."""
    members = count_members(content)
    if members.are_too_many:
        raise MalformedInput(
            Message(
                "{name} has some {count:,} members; a collection of its size has at most {most:,}.",
                name=name,
                count=members.number,
                most=members.most,
            )
        )


def _problem(entry: Entry) -> Message | None:
    """Why an entry could not be read, or is too large to check; checking takes longer than reading."""
    if entry.problems:
        return entry.problems[0].detail
    if has_more_values(entry.value, MAX_INCIDENT_VALUES):
        return Message(
            "It has more than {most:,} values. Write each incident as an entry of its own.",
            most=MAX_INCIDENT_VALUES,
        )
    return None


def _check_number(entries: Sequence[Any]) -> None:
    """Refuse a file with more entries than are read."""
    if len(entries) > _MAX_READ:
        raise MalformedInput(
            Message(
                "A collection has at most {most} incidents; these are more than {count}.",
                most=MAX_INCIDENTS,
                count=_MAX_READ,
            )
        )
