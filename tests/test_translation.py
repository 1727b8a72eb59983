"""Messages of errors: each can be translated, and the Hebrew catalog is complete and compiled."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract_from_file
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from marshmallow import ValidationError, fields, validate

from kb.domain.incident import Status
from kb.domain.permissions import Role
from kb.domain.proposal import ProposalStatus
from kb.messages import Message, counted, joined, word
from kb.schemas.pointers import field_errors
from kb.translation import translated
from kb.web.http_messages import phrase_of
from tests.support.api import REPOSITORY

KB = REPOSITORY / "kb"
CATALOG = KB / "translations" / "he" / "LC_MESSAGES" / "errors.po"
_HINT = "Run scripts/translations, and translate what is then empty in errors.po"
_KEYWORDS = {"Message": None, "counted": (1, 2)}
_OF_OTHER_LIBRARIES = {"reason"}
"""Values that Hebrew may leave out: what a library says in English."""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    with CATALOG.open("rb") as file:
        return read_po(file)


def _entries(catalog: Catalog) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], Entry]]:
    for entry in catalog:
        if entry.id:
            yield _forms(entry.id), _forms(entry.string or ""), entry


def _forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.no_cover
def test_every_message_is_in_the_catalog_and_translated(catalog: Catalog) -> None:
    # Babel takes apart every line of a module: most have no message.
    calls = tuple(f"{name}(" for name in _KEYWORDS)
    modules = [path for path in KB.rglob("*.py") if any(map(path.read_text("utf-8").__contains__, calls))]
    extracted = {
        _forms(text)
        for path in modules
        for _, text, *_ in extract_from_file("python", path, keywords=_KEYWORDS)
    }
    assert extracted == {english for english, _, _ in _entries(catalog)}, _HINT
    assert [english for english, hebrew, entry in _entries(catalog) if entry.fuzzy or not all(hebrew)] == []


def test_hebrew_fills_in_the_values_of_english(catalog: Catalog) -> None:
    for english, hebrew, _ in _entries(catalog):
        if "..." in english[0] or english[0].startswith(("Write the name by", "This token is not a session")):
            continue  # a template without values, whose braces are meant
        names = _names(english[-1])
        for form in hebrew[:2] if len(english) > 1 else ():
            assert names - _names(form) <= {"num"}, english
        assert names - _names(hebrew[-1]) <= _OF_OTHER_LIBRARIES, english
        assert all(_names(form) <= names for form in hebrew), english


def test_a_word_and_a_figure_are_joined_by_the_hyphen_that_people_type(catalog: Catalog) -> None:
    assert [form for _, hebrew, _ in _entries(catalog) for form in hebrew if "־" in form] == []


def test_the_compiled_catalog_is_what_can_be_read(catalog: Catalog) -> None:
    with CATALOG.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert {english: hebrew for english, hebrew, _ in _entries(compiled)} == {
        english: hebrew for english, hebrew, _ in _entries(catalog)
    }, "Run scripts/translations"


_RAISED = {"ValidationError": 0, "UnsupportedMediaType": 0, "GuardError": 0, "RuleError": 0, "FieldError": 1}
_NOT_FOR_READERS = {"config.py"}


@pytest.mark.no_cover
def test_no_error_is_raised_with_a_text_that_cannot_be_translated() -> None:
    """mypy sees to errors of our own; what marshmallow and Werkzeug raise takes any text."""
    files = [path for path in KB.rglob("*.py") if path.name not in _NOT_FOR_READERS]
    assert [f"{path.relative_to(KB)}:{found}" for path in files for found in _untranslatable(path)] == []


def _untranslatable(path: Path) -> Iterator[str]:
    """The line and the text of each error of a module that cannot be translated."""
    for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name in _RAISED:
            in_messages = {id(part) for message in _messages_in(call) for part in ast.walk(message)}
            for text in ast.walk(ast.Tuple(call.args[_RAISED[name] :][:1], ast.Load())):
                is_bare = isinstance(text, ast.JoinedStr) or (
                    isinstance(text, ast.Constant) and _is_prose(text)
                )
                if is_bare and id(text) not in in_messages:
                    yield f"{call.lineno}: {ast.unparse(text)}"
        elif name in ("Message", "counted") and isinstance(call.args[0], ast.JoinedStr):
            yield f"{call.lineno}: an f-string"


def _is_prose(text: ast.Constant) -> bool:
    return isinstance(text.value, str) and " " in text.value


def _messages_in(call: ast.Call) -> Iterator[ast.Call]:
    for node in ast.walk(call):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _KEYWORDS:
            yield node


def test_the_words_of_keys_are_translated() -> None:
    keys = [*(role.key for role in Role), *Status, *ProposalStatus]
    assert [key for key in keys if translated(word(key), "he") == key] == []


@pytest.mark.parametrize(
    ("field", "value", "hebrew"),
    [
        (fields.Integer(), "many", "יש לכתוב מספר שלם."),
        (fields.String(required=True), None, "אי אפשר לשלוח כאן null. יש לשלוח ערך."),
        (fields.String(validate=validate.Length(max=2)), "long", "יש לכתוב 2 תווים לכל היותר."),
        (fields.Integer(validate=validate.Range(1, 5)), 9, "יש לכתוב מספר מ-1 עד 5."),
        (fields.String(validate=validate.OneOf(["a", "b"])), "c", "צריך להיות אחד מאלה: \u2068a, b\u2069."),
        (fields.Email(), "nobody", "יש לכתוב כתובת מייל, כמו \u2068name@example.com\u2069."),
    ],
)
def test_what_marshmallow_says_is_translated(field: fields.Field[object], value: object, hebrew: str) -> None:
    with pytest.raises(ValidationError) as raised:
        field.deserialize(value)
    (error,) = field_errors(raised.value.messages)
    assert translated(error.detail, "he") == hebrew


def test_english_is_the_text_itself() -> None:
    message = Message("There is no team {key!r}.", key="it's")
    assert message == 'There is no team "it\'s".'
    assert translated(message, "en") == message
    assert Message("DELETE /tokens/{id} revokes it.") == "DELETE /tokens/{id} revokes it."


def test_a_message_within_a_message_is_translated_too() -> None:
    message = Message("Unknown parameter. {hint}", hint=Message("Did you mean `{name}`?", name="limit"))
    assert translated(message, "he") == "הפרמטר אינו מוכר. אולי הכוונה ל-`\u2068limit\u2069`?"
    both = joined([Message("Missing."), Message("Invalid value.")])
    assert translated(both, "he") == "חסר. הערך אינו תקין."


def test_a_number_has_its_form() -> None:
    def wait(seconds: int) -> Message:
        return counted(
            "Too many failed attempts. Try again in {num} second.",
            "Too many failed attempts. Try again in {num} seconds.",
            seconds,
        )

    assert [wait(number).split()[-1] for number in (1, 2)] == ["second.", "seconds."]
    endings = [translated(wait(number), "he").partition("בעוד ")[2] for number in (1, 2, 30)]
    assert endings == ["שנייה.", "שתי שניות.", "30 שניות."]


def test_a_message_survives_what_copies_it() -> None:
    message = Message("There is no team {key!r}.", key="north")
    copy = pickle.loads(pickle.dumps(message))
    assert translated(copy, "he") == translated(message, "he") != message


def test_titles_are_the_phrases_of_http() -> None:
    assert phrase_of(404) == "Not Found"
    assert translated(phrase_of(404), "he") == "לא נמצא"
    assert phrase_of(418) == "I'm a Teapot"
