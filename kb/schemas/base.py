"""The base classes of schemas: input is validated strictly, and output is complete."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, pre_load

from kb.domain.spelling import closest_match
from kb.messages import Message, counted

if TYPE_CHECKING:
    from typing import Self

    from marshmallow.fields import Field

UNKNOWN_FIELD = Message("Unknown field.")

MAX_ERRORS = 20
"""Maximum number of unknown fields of an object, and of invalid items of a list, that are reported, so that a
body with tens of thousands of mistakes takes no longer than one with a few."""

_MAX_HINTS = 5
"""Maximum number of unknown fields that get a hint: each comparison takes time."""


_NO_OBJECT = Message("Write a JSON object.")


class _SharedSchema(Schema):
    """A schema whose deep copy is the schema itself, since schemas do not change once they are made.

    flask-smorest copies the documentation of views, with their schemas, in each of its decorators, which took
    a tenth of the time to import the application.
    """

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self


class InputSchema(_SharedSchema):
    """Base of input schemas: an unknown field is an error with a hint, and never dropped silently."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN_FIELD}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._names = frozenset(field.data_key or name for name, field in self.fields.items())
        required = sorted(
            f"`{field.data_key or name}`" for name, field in self.fields.items() if field.required
        )
        self.error_messages["type"] = (
            _NO_OBJECT
            if not required
            else counted(
                "Write a JSON object with the field {names}.",
                "Write a JSON object with the fields {names}.",
                len(required),
                names=", ".join(required),
            )
        )

    @pre_load
    def _cut_unknown_fields(self, data: Any, **_: Any) -> Any:
        """Leave out all unknown fields but the first MAX_ERRORS."""
        if not isinstance(data, dict) or len(data) <= MAX_ERRORS:
            return data
        unknown = islice((name for name in data if name not in self._names), MAX_ERRORS)
        return {name: data[name] for name in (*filter(data.__contains__, self._names), *unknown)}

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **kwargs: Any) -> None:
        """Add the most similar field name to the errors of the first few unknown fields of each object, and
        count the fields that were left out.
        """
        super().handle_error(error, data, many=many, **kwargs)
        if isinstance(data, dict) and (left_out := len(data.keys() - self._names) - MAX_ERRORS) > 0:
            counted_rest = counted("{num} more unknown field.", "{num} more unknown fields.", left_out)
            error.messages_dict.setdefault("_schema", []).append(counted_rest)
        items = error.messages_dict.values() if many else [error.messages_dict]
        for messages in items:
            unknown = [name for name, message in messages.items() if message == [UNKNOWN_FIELD]]
            for name in unknown[:_MAX_HINTS]:
                if (hint := closest_match(str(name), self._names)) is not None:
                    messages[name] = [Message("Unknown field. Did you mean `{hint}`?", hint=hint)]


class OutputSchema(_SharedSchema):
    """Base of output schemas: every field is always present, unless its metadata says `optional`.

    The OpenAPI document does not rule out other fields, since a later version may add some.
    """

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: Field[Any]) -> None:  # noqa: ARG002
        field_obj.required = not field_obj.metadata.get("optional", False)
