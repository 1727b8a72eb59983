"""Texts that come in have one form, whichever field takes them."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields

from kb.schemas.accounts import Password, TokenInputSchema, UserInputSchema
from kb.schemas.base import MAX_ERRORS, InputSchema
from kb.schemas.comments import CommentInputSchema
from kb.schemas.csv_options import CsvColumns
from kb.schemas.drafts import DraftText
from kb.schemas.fields import ComposedString, LimitedList, Tag, Text
from kb.schemas.filters import ListQuerySchema
from kb.schemas.follow_ups import FollowUpInputSchema
from kb.schemas.incident_input import IncidentImportSchema, IncidentPatchSchema, TranslationInputSchema
from kb.schemas.language_fields import LanguageDict
from kb.schemas.query_fields import CommaSeparated, FreeText, GroupFilterField
from kb.schemas.search import SearchQuerySchema
from kb.schemas.teams import TeamInputSchema
from kb.schemas.trends import TrendsQuerySchema

SCHEMAS: tuple[type[InputSchema], ...] = (
    CommentInputSchema, FollowUpInputSchema, IncidentImportSchema, IncidentPatchSchema, ListQuerySchema,
    SearchQuerySchema, TeamInputSchema, TokenInputSchema, TranslationInputSchema, TrendsQuerySchema,
    UserInputSchema,
)  # fmt: skip

FIELDS = (Text(500), Tag(), FreeText(), CommaSeparated(), GroupFilterField())


def _loaded(field: fields.Field[Any], text: str) -> Any:
    try:
        return field.deserialize(text)
    except ValidationError as error:
        return error.messages


@given(st.text(max_size=80).map(lambda text: f"é {text}"))
def test_both_forms_of_a_text_are_the_same_input(text: str) -> None:
    for field in FIELDS:
        variants = [text, f"organization:{text}"] if isinstance(field, GroupFilterField) else [text]
        for variant in variants:
            composed, decomposed = normalize("NFC", variant), normalize("NFD", variant)
            if max(map(len, (composed, decomposed))) <= 80:  # the limits count characters of what is stored
                assert _loaded(field, decomposed) == _loaded(field, composed)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_field_of_free_text_composes_it(schema: type[InputSchema]) -> None:
    """A plain string field is one with a closed set of values, or in ASCII, or a password, or a draft."""
    for name, field in _nested_fields(schema()):
        if type(field) is fields.String:
            assert field.validators or field.metadata.get("undocumented"), name
        elif isinstance(field, fields.String) and not isinstance(field, ComposedString):
            assert _takes_ascii_only(field) or isinstance(field, (DraftText, Password)), name


def _takes_ascii_only(field: fields.Field[Any]) -> bool:
    try:
        field.deserialize("é")
    except ValidationError:
        return True
    return False


def _nested_fields(schema: Any) -> list[tuple[str, fields.Field[Any]]]:
    found = []
    for name, field in schema.fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(field, CsvColumns):  # compares names with those that there are
            continue
        if isinstance(inner, fields.Nested):
            found += _nested_fields(inner.schema)
        else:
            found.append((name, inner))
    return found


def test_a_password_is_taken_as_it_is_sent() -> None:
    password = normalize("NFD", "é") * 12
    loaded = UserInputSchema().load({"email": "a@example.com", "name": "A", "password": password})
    assert loaded["password"] == password


def test_runs_of_spaces_in_a_tag_are_one() -> None:
    assert Tag().deserialize(" spring \n sale ") == "spring sale"


class _Counted(fields.String):
    """A field that refuses everything, and counts how often it was asked."""

    asked = 0

    def _deserialize(self, *_: Any, **__: Any) -> str:
        _Counted.asked += 1
        raise ValidationError("No.")


def test_a_list_is_not_looked_at_after_twenty_invalid_items() -> None:
    _Counted.asked = 0
    with pytest.raises(ValidationError) as caught:
        LimitedList(_Counted(), max_length=500).deserialize(["x"] * 500)
    assert _Counted.asked == len(caught.value.messages) - 1 == MAX_ERRORS


def test_too_long_a_list_is_refused_unread() -> None:
    _Counted.asked = 0
    values: list[tuple[fields.Field[Any], Any]] = [
        (CommaSeparated(_Counted(), max_length=50), ",".join("x" * 51)),
        (LimitedList(_Counted(), max_length=50), ["x"] * 51),
        (LanguageDict(_Counted()), {f"x{number}": "x" for number in range(21)}),
    ]
    for field, value in values:
        with pytest.raises(ValidationError):
            field.deserialize(value)
    assert _Counted.asked == 0
