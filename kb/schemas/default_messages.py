"""Translatable messages for marshmallow's own fields and validators, which say what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, validate

from kb.domain.spelling import closest_match
from kb.messages import Message, joined

if TYPE_CHECKING:
    from collections.abc import Iterable

_EMAIL = Message("Write an email address, such as name@example.com.")

_FIELDS: dict[type[fields.Field[Any]], dict[str, Message]] = {
    fields.Field: {
        "required": Message("This field is required."),
        "null": Message("null is not accepted here. Write a value."),
        "validator_failed": Message("Invalid value."),
    },
    fields.Nested: {"type": Message("Write a list of JSON objects.")},
    fields.List: {"invalid": Message("Write a list, in square brackets.")},
    fields.String: {
        "invalid": Message("Write a text, in quotation marks."),
        "invalid_utf8": Message("Write a text in UTF-8."),
    },
    fields.Number: {"invalid": Message("Write a number."), "too_large": Message("Write a smaller number.")},
    fields.Integer: {"invalid": Message("Write a whole number.")},
    fields.Float: {"special": Message("Write a number other than nan or infinity.")},
    fields.Boolean: {"invalid": Message("Write true or false.")},
    fields.DateTime: {
        "invalid": Message("Write a date and time, such as 2018-05-16T22:30:00Z."),
        "invalid_awareness": Message(
            "Write a date and time with its offset from UTC, such as 2018-05-16T22:30:00Z."
        ),
        "format": Message('"{input}" cannot be formatted as a {obj_type}.'),
    },
    fields.Date: {
        "invalid": Message("Write the date as YYYY-MM-DD."),
        "format": Message('"{input}" cannot be formatted as a date.'),
    },
    fields.Mapping: {"invalid": Message("Write a JSON object.")},
    fields.Email: {"invalid": _EMAIL},
}

# These messages count characters; a field that limits anything else, such as a list, has its own error.
_VALIDATORS: dict[type[validate.Validator], dict[str, Message]] = {
    validate.Email: {"default_message": _EMAIL},
    validate.Regexp: {"default_message": Message("String does not match expected pattern.")},
    validate.OneOf: {"default_message": Message("Must be one of: {choices}.")},
    validate.Length: {
        "message_min": Message("Write at least {min} characters."),
        "message_max": Message("Write at most {max} characters."),
        "message_all": Message("Write between {min} and {max} characters."),
        "message_equal": Message("Write exactly {equal} characters."),
    },
    validate.Range: {
        "message_min": Message("Write a number of at least {min}."),
        "message_max": Message("Write a number of at most {max}."),
        "message_all": Message("Write a number from {min} to {max}."),
    },
}


def install_default_messages() -> None:
    """Let marshmallow raise messages that keep their templates. Call it before the first schema exists."""
    for field, messages in _FIELDS.items():
        field.default_error_messages = {**field.default_error_messages, **messages}
    for validator, messages in _VALIDATORS.items():
        for name, message in messages.items():
            setattr(validator, name, message)
    validate.OneOf._format_error = _choice_error  # type: ignore[assignment,method-assign]  # noqa: SLF001
    Schema._default_error_messages = {  # noqa: SLF001 (what `error_messages` of each schema are merged with)
        "type": Message("Write a JSON object."),
        "unknown": Message("Unknown field."),
    }


def with_nearest(error: Message, value: object, choices: Iterable[object]) -> Message:
    """Add the nearest choice, if one is similar, to the error about a value that is none of the choices."""
    names = [choice for choice in choices if isinstance(choice, str)]
    nearest = closest_match(value, names) if isinstance(value, str) else None
    return error if nearest is None else joined([error, Message("Did you mean {name!r}?", name=nearest)])


def _choice_error(validator: validate.OneOf, value: object) -> str:
    text = validator.error.format(input=value, choices=validator.choices_text, labels=validator.labels_text)
    return with_nearest(text, value, validator.choices) if isinstance(text, Message) else text
