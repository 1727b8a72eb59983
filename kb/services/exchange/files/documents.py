"""Read incidents from Markdown with YAML front matter, such as `kb export --format markdown` writes."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import yaml

from kb.errors import FieldError, MalformedInput
from kb.messages import Message
from kb.services.exchange.entries import Entry, Remark
from kb.services.exchange.files.archives import open_archive
from kb.services.exchange.files.cells import CellReader
from kb.services.exchange.files.encodings import open_text
from kb.services.exchange.files.headings import field_of_heading
from kb.services.exchange.files.sections import Section, read_lessons, split_sections
from kb.services.exchange.files.table_entries import EntryDraft
from kb.services.exchange.files.targets import LISTS, TARGETS, TargetKind
from kb.services.exchange.importable import importable
from kb.services.taxonomy.lookup import TermLookup
from kb.yaml_text import IncidentLoader, read_yaml, yaml_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kb.services.exchange.files.mapping import ReadOptions

MAX_DOCUMENT = 2_000_000
"""The maximum size of a document in bytes, larger than all texts of an incident can be."""

_ENDINGS = (".md", ".markdown")


class _Parts(NamedTuple):
    """The unparsed front matter of a document, and the text below it."""

    front_matter: str
    body: str


def archived_documents(file: BinaryIO, options: ReadOptions) -> Iterator[Entry]:
    """Yield an entry for each document in a ZIP file, by path. Raises MalformedInput if there is none."""
    with open_archive(file) as archive:
        parts = sorted(
            (part for part in archive.infolist() if part.filename.lower().endswith(_ENDINGS)),
            key=lambda part: part.filename,
        )
        # macOS adds such a metadata file for each file.
        parts = [part for part in parts if not part.filename.rpartition("/")[2].startswith("._")]
        if not parts:
            raise MalformedInput(
                Message("There is no Markdown document in the archive. Unpack it, and import what is in it.")
            )
        for number, part in enumerate(parts, 1):
            if part.file_size > MAX_DOCUMENT:
                yield _problem(number, part.filename, _too_long(part.file_size))
                continue
            content = archive.read(part)
            try:
                with open_text(BytesIO(content), options.encoding) as text:
                    entry = document_entry(text.read(), options, number)
            except MalformedInput as error:
                entry = _problem(number, part.filename, error.args[0])
            yield entry._replace(file=part.filename)


def document_entry(text: str, options: ReadOptions, number: int = 1) -> Entry:
    """Read the incident of a document as an entry; unreadable parts are problems of the entry."""
    if len(text) > MAX_DOCUMENT:
        return _problem(number, options.name, _too_long(len(text)))
    parts = _split(_with_line_feeds(text))
    try:
        front_matter = read_yaml(parts.front_matter, IncidentLoader) or {}
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        reason = yaml_problem(error, first_line=2)  # below the three hyphens
        detail = Message("The front matter is not readable YAML: {reason}", reason=reason)
        return _problem(number, options.name, detail)
    if not isinstance(front_matter, dict):
        return _problem(number, options.name, Message("The front matter has no keys: write `key: value`."))
    return _DocumentReader(options).read(
        {str(key): item for key, item in front_matter.items()}, parts.body, number
    )


class _DocumentReader:
    def __init__(self, options: ReadOptions) -> None:
        self._mapping = options.mapping
        self._cells = CellReader(options.mapping, TermLookup(), None)
        self._draft = EntryDraft()

    def read(self, front_matter: Mapping[str, Any], body: str, number: int) -> Entry:
        known = importable(front_matter)
        # The check of the entry reports them, once for all documents.
        self._draft.value |= {name: front_matter[name] for name in known.ignored - {"export"}}
        extra: dict[str, Any] = {}
        for key, item in known.value.items():
            target = self._mapping.columns.get(key, key) if self._mapping else key
            if target == "extra":
                extra |= item if isinstance(item, dict) else {key: item}
            elif target in TARGETS:
                self._put(target, key, item)
            elif target and item is not None:
                extra[key] = item
        self._read_body(body)
        for field, texts in (self._mapping.constants if self._mapping else {}).items():
            self._draft.put_constant(self._cells, field, texts)
        if extra:
            self._draft.value["extra"] = extra
        return self._draft.entry(number, "document")

    def _put(self, target: str, key: str, item: Any) -> None:
        """Add a value of the front matter, unchanged if it has the form of the API, else read like a cell."""
        kind = TARGETS[target]
        if item is None or item in ("", []):
            return
        self._draft.columns.setdefault(f"/{target}", key)
        if kind is TargetKind.NUMBER and isinstance(item, int) and not isinstance(item, bool):
            self._draft.put(target, item)
        elif isinstance(item, dict) or (isinstance(item, list) and kind not in LISTS):
            detail = Message("Write one value for {key}, not several.", key=key)
            self._draft.problems.append(FieldError(f"/{target}", detail))
        elif isinstance(item, list):
            for each in item:
                if isinstance(each, dict):
                    self._draft.put(target, [each])
                elif self._mapping is None and kind in (TargetKind.TERMS, TargetKind.TAGS):
                    self._draft.put(target, [str(each)])
                else:
                    self._draft.put_text(self._cells, target, key, _as_text(each))
        elif kind is TargetKind.TEXT:
            self._draft.put(target, str(item))
        else:
            self._draft.put_text(self._cells, target, key, _as_text(item))

    def _read_body(self, body: str) -> None:
        title, sections = split_sections(body)
        if title and not self._draft.value.get("title"):
            self._draft.put("title", title)
        for section in sections:
            self._put_section(section)

    def _put_section(self, section: Section) -> None:
        field = "summary" if section.heading is None else self._field(section.heading)
        if field is None:
            detail = Message(
                "The section {heading!r} has no field: it is at the end of the summary.",
                heading=(section.heading or "")[:100],
            )
            self._draft.remarks.append(Remark("/summary", detail))
            self._draft.put("summary", f"{section.heading}\n\n{section.text}")
        elif not section.text.strip():
            return
        elif field == "lessons":
            self._draft.put(field, read_lessons(section.text), section.heading)
        elif TARGETS[field] is TargetKind.TEXT:
            self._draft.put(field, section.text)
        else:
            self._draft.put_text(self._cells, field, section.heading or "", section.text)

    def _field(self, heading: str) -> str | None:
        if self._mapping is not None and (field := self._mapping.columns.get(heading)):
            return field
        return field_of_heading(heading)


def _split(text: str) -> _Parts:
    text = text.lstrip("\ufeff")
    if not text.startswith("---"):
        return _Parts("", text)
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return _Parts("", text)
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        return _Parts("", text)
    return _Parts("\n".join(lines[1:end]), "\n".join(lines[end + 1 :]))


def _with_line_feeds(text: str) -> str:
    """Normalize line ends to line feeds if all are the same; mixed ones are kept."""
    feeds, both = text.count("\n"), text.count("\r\n")
    if both and both == feeds:
        return text.replace("\r\n", "\n")
    return text if feeds else text.replace("\r", "\n")


def _as_text(item: Any) -> str:
    return str(item).lower() if isinstance(item, bool) else str(item)


def _problem(number: int, file: str, detail: Message) -> Entry:
    return Entry(number, None, (FieldError("", detail),), "document", file)


def _too_long(size: int) -> Message:
    return Message("The document has {size} bytes; at most {most} are read.", size=size, most=MAX_DOCUMENT)
