"""JSON pointers of nested error messages."""

from __future__ import annotations

from kb.errors import FieldError
from kb.messages import Message
from kb.schemas.pointers import field_errors


def test_nested_messages_become_pointers() -> None:
    messages = {"lessons": {0: {"text": ["Missing."]}}, "title": ["Too long.", "Not text."]}
    assert field_errors(messages) == [
        FieldError("/lessons/0/text", Message("Missing.")),
        FieldError("/title", Message("Too long.")),
        FieldError("/title", Message("Not text.")),
    ]


def test_messages_about_a_whole_object_point_at_it() -> None:
    assert field_errors({"impacts": {2: {"_schema": ["Unclear."]}}}) == [
        FieldError("/impacts/2", Message("Unclear."))
    ]


def test_special_characters_in_keys_are_escaped() -> None:
    assert field_errors({"a/b~c": ["x"]}) == [FieldError("/a~1b~0c", Message("x"))]
