"""Mappings, written in YAML, of the columns and values of a foreign file to fields and terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

import yaml
from marshmallow import ValidationError, fields, pre_load

from kb.domain.spelling import closest_match
from kb.domain.text import fold
from kb.domain.time_zones import find_time_zone, unknown_zone
from kb.domain.written_times import DateOrder
from kb.errors import FieldError, InvalidInput, MalformedInput
from kb.messages import Message
from kb.schemas.base import InputSchema
from kb.schemas.fields import one_of
from kb.schemas.language_tags import canonical_language
from kb.schemas.pointers import field_errors
from kb.services.exchange.files.targets import TARGETS
from kb.yaml_text import UniqueKeyLoader, read_yaml, yaml_problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

LEFT_OUT = ("", "null", "~", "-")
"""Values in a mapping that exclude a column or a value from the import."""


_PARTS = ("columns", "constants", "values")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping:
    """The meaning of a file's columns and values.

    `columns` has the field of each column, by heading or letter; a column whose field is in LEFT_OUT is not
    imported. `constants` has default texts of fields. `values` has translations, by field and folded text.
    `dates` is the order of day and month in 03/04/2018, `time_zone` applies to times without an offset,
    `separator` separates the items of a cell, `sheet` is the sheet of a workbook.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, list[str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    dates: DateOrder | None = None
    time_zone: tzinfo = UTC
    separator: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How to read a file of incidents.

    `name` is the file's name, a hint if its format is ambiguous, and shown in reports on several files.
    `encoding` is the encoding of its text, by default detected. `mapping` gives the meaning of columns or
    keys that are foreign to this knowledge base.
    """

    name: str = ""
    encoding: str | None = None
    mapping: ImportMapping | None = None


class _TextLoader(UniqueKeyLoader):
    """Reads plain YAML values as texts, like cells: in `No: 3`, neither is converted."""

    max_written = 20_000


_TextLoader.yaml_implicit_resolvers = {}


class _Target(fields.String):
    """A field that a column can map to; empty for a column that is left out."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        name = "" if value is None else str(value).strip()
        if name in LEFT_OUT:
            return ""
        check_target(name)
        return name


class _Texts(fields.Raw):
    """A text, or a list of texts."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[str]:
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) or item is None for item in items):
            raise ValidationError(Message("Write a text, or a list of texts."))
        return [item for item in items if item is not None and item.strip() not in LEFT_OUT]


class ImportMappingSchema(InputSchema):
    """What the columns and words of a foreign file mean."""

    columns = fields.Dict(keys=fields.String(), values=_Target(allow_none=True), load_default=dict)
    constants = fields.Dict(keys=fields.String(), values=_Texts(), load_default=dict)
    values = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=_Texts(allow_none=True)),
        load_default=dict,
    )
    language = fields.String()
    dates = fields.String(validate=one_of(DateOrder))
    time_zone = fields.String()
    separator = fields.String()
    sheet = fields.String()

    @pre_load
    def _leave_out_nulls(self, data: Any, **_: Any) -> Any:
        """Leave out what is null, as in a mapping that the API has shown; YAML is read as texts."""
        if not isinstance(data, dict):
            return data
        return {name: part for name, part in data.items() if part not in (None, "null") or name in _PARTS}


def check_target(name: str) -> None:
    """Raise ValidationError, with the nearest field, unless a column can map to this name."""
    parts = name.split(".")
    if len(parts) == 3 and parts[0] == "translations":
        canonical_language(parts[1])
        name = parts[2]
    if name in TARGETS:
        return
    near = closest_match(name, TARGETS)
    if near:
        hint = Message("Did you mean {name}?", name=near)
    else:
        hint = Message("There are: {names}.", names=", ".join(TARGETS))
    raise ValidationError(Message("There is no field {field!r}. {hint}", field=name[:100], hint=hint))


def read_mapping(text: str) -> ImportMapping:
    """Read a mapping in YAML or JSON. Raises MalformedInput, or InvalidInput with its errors."""
    return load_mapping(mapping_content(text))


def mapping_content(text: str) -> dict[str, Any]:
    """The parts of a mapping in YAML or JSON, with lists for the texts of constants and values.

    Raises MalformedInput, or InvalidInput with its errors.
    """
    try:
        content = read_yaml(text, _TextLoader)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise MalformedInput(
            Message("The mapping is not readable YAML: {reason}", reason=yaml_problem(error))
        ) from error
    return complete_content(content)


def complete_content(content: Any) -> dict[str, Any]:
    """The parts of a mapping, from those that were sent or guessed. Raises InvalidInput with its errors."""
    load_mapping(content)
    parts: dict[str, Any] = ImportMappingSchema().load(content)
    return {
        **parts,
        "columns": {name: field or None for name, field in parts["columns"].items()},
        "values": {
            name: {written: meant or [] for written, meant in values.items()}
            for name, values in parts["values"].items()
        },
    }


def load_mapping(content: Any) -> ImportMapping:
    """Load a mapping from its parts. Raises InvalidInput with its errors."""
    try:
        data = ImportMappingSchema().load(content)
        for part in ("constants", "values"):
            _check_fields(part, data[part])
        constants = dict(data["constants"])
        if language := data.get("language"):
            constants["language"] = [canonical_language(language)]
        return ImportMapping(
            columns=data["columns"],
            constants=constants,
            values={
                name: {fold(written).strip(): meant or [] for written, meant in values.items()}
                for name, values in data["values"].items()
            },
            dates=DateOrder(data["dates"]) if "dates" in data else None,
            time_zone=_zone(data["time_zone"]) if "time_zone" in data else UTC,
            separator=data.get("separator"),
            sheet=data.get("sheet"),
        )
    except ValidationError as error:
        raise InvalidInput(field_errors(error.messages), Message("The mapping is invalid.")) from error


def _check_fields(part: str, entries: Mapping[str, Any]) -> None:
    for name in entries:
        try:
            check_target(name)
        except ValidationError as error:
            raise ValidationError({part: {name: error.messages}}) from error


def _zone(name: str) -> tzinfo:
    zone = find_time_zone(name)
    if zone is None:
        raise InvalidInput([FieldError("/time_zone", unknown_zone(name))])
    return zone
