"""The Hebrew catalog: complete, in step with the pages, and compiled from what can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

PAGES = Path(__file__).parents[2] / "kb" / "pages"
CATALOG = PAGES / "translations" / "he" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
"""As in kb/pages/babel.cfg."""

KEYWORDS = {"_": None, "_l": None, "_n": (1, 2), "gettext": None, "ngettext": (1, 2)}
_HINT = "Run scripts/translations, and translate what is then empty in messages.po"
_SIDE = r"(?:[a-z]+-)*(?:left|right)(?:-[a-z]+)*"
_PHYSICAL = re.compile(rf"(?<![\w-]){_SIDE}\s*:|:\s*(?:left|right)\s*[;}}]")
_SHEETS = sorted((PAGES / "static" / "look").glob("*.css"))
_FORMS_OF_NUMBERS = 3
"""Hebrew has forms for one, for two, and for all other numbers."""


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    with CATALOG.open("rb") as file:
        return read_po(file)


def _messages(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def _strings(text: str | Sequence[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _forms(message: Message) -> tuple[str, ...]:
    return _strings(message.string or "")


def _texts(catalog: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The forms of each message by its English; a compiled catalog has lists where a read one has tuples."""
    return {_strings(message.id): _forms(message) for message in _messages(catalog)}


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def test_every_message_of_the_pages_is_in_the_catalog(catalog: Catalog) -> None:
    options = {"**/templates/**.html": {"trimmed": "true"}}
    extracted = extract_from_dir(PAGES, METHODS, options_map=options, keywords=KEYWORDS)
    assert {_strings(found[2]) for found in extracted} == {*_texts(catalog)}, _HINT


def test_every_message_is_translated(catalog: Catalog) -> None:
    missing = [message.id for message in _messages(catalog) if message.fuzzy or not all(_forms(message))]
    assert missing == [], _HINT


def test_a_number_has_its_hebrew_forms(catalog: Catalog) -> None:
    counted = [message for message in _messages(catalog) if message.pluralizable]
    assert counted
    assert {len(_forms(message)) for message in counted} == {_FORMS_OF_NUMBERS}


def test_values_are_filled_in_as_in_english(catalog: Catalog) -> None:
    for message in _messages(catalog):
        english = _strings(message.id)[-1]
        *exact, last = _forms(message)
        assert _placeholders(last) == _placeholders(english), message.id
        for form in exact:
            assert _placeholders(english) - _placeholders(form) <= {"n", "num"}, message.id
            assert _placeholders(form) <= _placeholders(english), message.id


def test_hebrew_is_calm_and_complete(catalog: Catalog) -> None:
    for message in _messages(catalog):
        for form in _forms(message):
            assert "!" not in form
            assert form == form.strip(), f"{message.id!r} is a fragment"


def test_a_word_and_a_figure_are_joined_by_the_hyphen_that_people_type(catalog: Catalog) -> None:
    forms = [form for message in _messages(catalog) for form in _forms(message)]
    assert [form for form in forms if "־" in form] == []


def test_the_header_names_the_project(catalog: Catalog) -> None:
    header = str(dict(catalog.mime_headers))
    assert catalog.project == "Brand Postmortems"
    assert not re.search(r"FULL NAME|EMAIL@ADDRESS|LL@li|PROJECT", header)


def test_the_compiled_catalog_is_what_can_be_read(catalog: Catalog) -> None:
    with CATALOG.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert _texts(compiled) == _texts(catalog), "Run scripts/translations"


@pytest.mark.parametrize("sheet", _SHEETS, ids=lambda path: path.name)
def test_the_look_knows_no_left_and_right(sheet: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert _PHYSICAL.findall(css) == []
