"""What schemas say of values that they do not take."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError, fields, validate

from kb.schemas.collections import CollectionTextsSchema
from kb.schemas.pointers import field_errors
from kb.translation import translated


@pytest.mark.parametrize(
    ("field", "value", "english", "hebrew"),
    [
        (
            fields.String(validate=validate.Length(1, 500)),
            "",
            "Write between 1 and 500 characters.",
            "יש לכתוב בין 1 ל-500 תווים.",
        ),
        (
            fields.String(validate=validate.Length(min=2)),
            "a",
            "Write at least 2 characters.",
            "יש לכתוב 2 תווים לפחות.",
        ),
        (
            fields.Integer(validate=validate.Range(1, 5)),
            9,
            "Write a number from 1 to 5.",
            "יש לכתוב מספר מ-1 עד 5.",
        ),
        (
            fields.Integer(validate=validate.Range(min=1)),
            0,
            "Write a number of at least 1.",
            "יש לכתוב מספר: 1 לפחות.",
        ),
        (
            fields.Integer(validate=validate.Range(max=5)),
            9,
            "Write a number of at most 5.",
            "יש לכתוב מספר: 5 לכל היותר.",
        ),
        (
            fields.String(),
            None,
            "null is not accepted here. Write a value.",
            "אי אפשר לשלוח כאן null. יש לשלוח ערך.",
        ),
        (fields.Dict(), [], "Write a JSON object.", "יש לשלוח אובייקט JSON."),
        (
            fields.String(validate=validate.OneOf(["category", "theme"])),
            "catgory",
            "Must be one of: category, theme. Did you mean 'category'?",
            "צריך להיות אחד מאלה: \u2068category, theme\u2069. אולי הכוונה ל-״\u2068category\u2069״?",
        ),
        (
            fields.String(validate=validate.OneOf(["category", "theme"])),
            "zebra",
            "Must be one of: category, theme.",
            "צריך להיות אחד מאלה: \u2068category, theme\u2069.",
        ),
        (
            fields.List(fields.String()),
            7,
            "Write a list, in square brackets.",
            "יש לכתוב רשימה, בסוגריים מרובעים.",
        ),
        (fields.String(), 7, "Write a text, in quotation marks.", "יש לכתוב טקסט, במירכאות."),
        (fields.Boolean(), "maybe", "Write true or false.", "יש לכתוב true או false."),
        (fields.Integer(), "many", "Write a whole number.", "יש לכתוב מספר שלם."),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_answered_with_what_to_write(
    field: fields.Field[Any], value: Any, english: str, hebrew: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        field.deserialize(value)
    (error,) = field_errors(raised.value.messages)
    assert error.detail == english
    assert translated(error.detail, "he") == hebrew


def test_what_has_no_characters_to_count_has_an_error_of_its_own() -> None:
    errors = CollectionTextsSchema().validate({"title": {}})
    assert errors["title"] == ["Write the title in one language at least."]
