"""Query parameters of CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields

from kb.domain.export import Delimiter
from kb.messages import Message
from kb.schemas.default_messages import with_nearest
from kb.schemas.fields import describe, one_of
from kb.schemas.query_fields import CommaSeparated, QueryBoolean

if TYPE_CHECKING:
    from collections.abc import Sequence

ALL_COLUMNS = "all"


class CsvColumns(CommaSeparated):
    """The columns of CSV, in this order: any of `available`, or ALL_COLUMNS."""

    def __init__(self, available: Sequence[str], default: Sequence[str]) -> None:
        text = f"Columns of the CSV, in this order, or `{ALL_COLUMNS}`: {', '.join(available)}."
        super().__init__(
            fields.String(), len(available), load_default=lambda: [*default], metadata=describe(text)
        )
        self._available = available

    def _deserialize(self, value: Any, attr: Any, data: Any, **kw: Any) -> list[Any]:
        names = list(dict.fromkeys(super()._deserialize(value, attr, data, **kw)))
        if names == [ALL_COLUMNS]:
            return [*self._available]
        unknown = [name for name in names if name not in self._available]
        if unknown or not names:
            what = (
                Message("There is no column {name!r}.", name=unknown[0][:100])
                if unknown
                else Message("Name at least one column.")
            )
            error = Message(
                "{what} The columns are {columns}; or {all!r}.",
                what=what,
                columns=", ".join(self._available),
                all=ALL_COLUMNS,
            )
            raise ValidationError(with_nearest(error, next(iter(unknown), None), self._available))
        return names


def raw_field(*, load_default: bool | None = False) -> QueryBoolean:
    """A field for whether texts in CSV are left unguarded, for programs."""
    return QueryBoolean(
        load_default=load_default,
        metadata=describe(
            "Omit the apostrophe that guards texts which a spreadsheet would take for a formula. For "
            "programs only: a spreadsheet would run such a formula."
        ),
    )


def bom_field(*, load_default: bool | None = False) -> QueryBoolean:
    """A field for whether CSV begins with a byte order mark."""
    return QueryBoolean(
        load_default=load_default,
        metadata=describe("Begin the CSV with a byte order mark, which Excel needs to recognize UTF-8."),
    )


def delimiter_field(*, load_default: str | None = Delimiter.COMMA.value) -> fields.String:
    """A field for the separator of the cells in CSV."""
    return fields.String(
        load_default=load_default,
        validate=one_of(Delimiter),
        metadata=describe("The separator of the cells. Default: `comma`."),
    )


def labels_field(*, load_default: bool | None = False) -> QueryBoolean:
    """A field for whether CSV has the labels of terms."""
    return QueryBoolean(
        load_default=load_default, metadata=describe("Write the labels of terms instead of their keys.")
    )
