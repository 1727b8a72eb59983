"""The messages of marshmallow's own fields and validators, so that they are translated like all others."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from kb.messages import Message

_FIELDS: dict[type[fields.Field[Any]], dict[str, Message]] = {
    fields.Field: {
        "required": Message("Missing data for required field."),
        "null": Message("Field may not be null."),
        "validator_failed": Message("Invalid value."),
    },
    fields.Nested: {"type": Message("Invalid type.")},
    fields.List: {"invalid": Message("Not a valid list.")},
    fields.String: {
        "invalid": Message("Not a valid string."),
        "invalid_utf8": Message("Not a valid utf-8 string."),
    },
    fields.Number: {
        "invalid": Message("Not a valid number."),
        "too_large": Message("Number too large."),
    },
    fields.Integer: {"invalid": Message("Not a valid integer.")},
    fields.Float: {"special": Message("Special numeric values (nan or infinity) are not permitted.")},
    fields.Boolean: {"invalid": Message("Not a valid boolean.")},
    fields.DateTime: {
        "invalid": Message("Not a valid {obj_type}."),
        "invalid_awareness": Message("Not a valid {awareness} {obj_type}."),
        "format": Message('"{input}" cannot be formatted as a {obj_type}.'),
    },
    fields.Date: {
        "invalid": Message("Not a valid date."),
        "format": Message('"{input}" cannot be formatted as a date.'),
    },
    fields.Mapping: {"invalid": Message("Not a valid mapping type.")},
    fields.Email: {"invalid": Message("Not a valid email address.")},
}

_VALIDATORS: dict[type[validate.Validator], dict[str, Message]] = {
    validate.Email: {"default_message": Message("Not a valid email address.")},
    validate.Regexp: {"default_message": Message("String does not match expected pattern.")},
    validate.OneOf: {"default_message": Message("Must be one of: {choices}.")},
    validate.Length: {
        "message_min": Message("Shorter than minimum length {min}."),
        "message_max": Message("Longer than maximum length {max}."),
        "message_all": Message("Length must be between {min} and {max}."),
        "message_equal": Message("Length must be {equal}."),
    },
    validate.Range: {
        "message_min": Message("Must be greater than or equal to {min}."),
        "message_max": Message("Must be less than or equal to {max}."),
        "message_all": Message("Must be greater than or equal to {min} and less than or equal to {max}."),
    },
}


def install_default_messages() -> None:
    """Let marshmallow raise messages that keep their templates. Call it before a schema is made."""
    for field, messages in _FIELDS.items():
        field.default_error_messages = {**field.default_error_messages, **messages}
    for validator, messages in _VALIDATORS.items():
        for name, message in messages.items():
            setattr(validator, name, message)
    Schema._default_error_messages = {  # noqa: SLF001 (what `error_messages` of each schema are merged with)
        "type": Message("Invalid input type."),
        "unknown": Message("Unknown field."),
    }
