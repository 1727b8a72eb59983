"""The target of an edit form: some fields of an incident, or one item of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.incident import TEXT_FIELDS
from kb.errors import NotFound
from kb.messages import Message
from kb.pages.edits.controls import Typed, is_same, typed_in
from kb.pages.edits.parts import PARTS, translated_fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.pages.edits.parts import Field, Part

    State = Mapping[str, Any]
    """A snapshot of an incident."""

    Form = Mapping[str, Typed]
    """The typed values, by field."""

NEW = "new"
"""The name in a URL of an item that is to be added to a list."""


class Place(NamedTuple):
    """The fields of a part in a language. `number` is the position of an item in its list, from 0; None for a
    new item, or if the part is no list."""

    part: Part
    number: int | None
    language: str
    fields: Sequence[Field]

    @property
    def item(self) -> str | None:
        """The name of the item in a URL; None if the part is not a list."""
        if not self.part.is_list:
            return None
        return NEW if self.number is None else str(self.number + 1)

    def typed(self, state: State) -> dict[str, Typed]:
        """Convert the fields of a snapshot to the inputs of the form."""
        values = self._values(state)
        return {field.name: typed_in(field.control, values, field.name) for field in self.fields}

    def original(self, state: State) -> Mapping[str, str]:
        """Return the texts in the original language, by field, if this is a translation."""
        if not self.is_translation(state) or (self.part.is_list and self.number is None):
            return {}
        values = state["lessons"][self.number] if self.part.is_list else state
        return {field.name: values[field.name] for field in self.fields}

    def data(self, state: State, form: Form) -> dict[str, Any]:
        """Return the fields that a form changes in a state, as the API takes them; empty if none."""
        shown = self.typed(state)
        changed = {
            field.name: field.control.read(_in_order(form[field.name], shown[field.name]))
            for field in self.fields
            if not is_same(field.control, form[field.name], shown[field.name])
        }
        is_new = self.part.is_list and self.number is None
        if not self.part.is_list or not (changed or is_new):
            return changed
        if self.is_translation(state):
            return {"lessons": self._translated_lessons(state, changed["text"])}
        items = all_items(self.part, state)
        if self.number is None:
            items.append({field.name: field.control.read(form[field.name]) for field in self.fields})
        else:
            items[self.number].update(changed)
        return {self.part.key: items}

    def data_without(self, state: State) -> dict[str, Any]:
        """Return the list without its item, as the API takes it."""
        if self.is_translation(state):
            return {"lessons": self._translated_lessons(state, "")}
        items = all_items(self.part, state)
        return {self.part.key: [item for place, item in enumerate(items) if place != self.number]}

    def in_state(self, base: State, current: State) -> Place:
        """Return the place of the same item in a later snapshot; of a new item if it has changed or gone."""
        if self.number is None:
            return self
        before, items = base[self.part.key], current[self.part.key]
        if self.number >= len(before):
            return self._replace(number=None)
        item, by_id = before[self.number], self.part.key == "lessons"
        found = (
            place for place, each in enumerate(items) if (each["id"] == item["id"] if by_id else each == item)
        )
        return self._replace(number=next(found, None))

    def _values(self, state: State) -> Mapping[str, Any]:
        if self.part.is_list:
            return {} if self.number is None else self._item_values(state, self.number)
        if not self.is_translation(state):
            return state
        texts: Mapping[str, Any] = state["translations"].get(self.language, dict.fromkeys(TEXT_FIELDS, ""))
        return texts

    def _item_values(self, state: State, number: int) -> Mapping[str, Any]:
        item: Mapping[str, Any] = state[self.part.key][number]
        if not self.is_translation(state):
            return item
        return {"text": _translations_of_lessons(state, self.language).get(item["id"], "")}

    def _translated_lessons(self, state: State, text: str) -> list[dict[str, Any]]:
        texts = _translations_of_lessons(state, self.language)
        assert self.number is not None
        texts[state["lessons"][self.number]["id"]] = text
        return [{"id": key, "text": each} for key, each in texts.items() if each]

    def is_translation(self, state: State) -> bool:
        """Whether the form is for another language than the original's."""
        return bool(self.language != state["original_language"])


def all_items(part: Part, state: State) -> list[dict[str, Any]]:
    """Return the items of a list, as the API takes them."""
    names = ("id", "text") if part.key == "lessons" else [field.name for field in part.fields]
    return [{name: item[name] for name in names} for item in state[part.key]]


def find_place(state: State, language: str, key: str, item: str | None, *, sent: bool = False) -> Place:
    """Return the place that a URL names. For a `sent` form, the list may have become shorter since.

    Raises NotFound.
    """
    part = PARTS.get(key)
    is_translation = language != state["original_language"]
    fields: Sequence[Field] = ()
    if part is not None:
        fields = translated_fields(part) if is_translation else part.fields
    if part is None or not fields or part.is_list != (item is not None):
        raise NotFound(_MISSING)
    if item is None or (item == NEW and not is_translation):
        return Place(part, None, language, fields)
    number = int(item) - 1 if item.isascii() and item.isdigit() and len(item) <= _MAX_DIGITS else -1
    if number < 0 or (number >= len(state[part.key]) and not sent):
        raise NotFound(_MISSING)
    return Place(part, number, language, fields)


_MAX_DIGITS = 3
_MISSING = Message("The incident has no such part.")


def _in_order(values: Typed, earlier: Typed) -> Typed:
    """Return the values, with the earlier ones first, in their earlier order."""
    return [*(each for each in earlier if each in values), *(each for each in values if each not in earlier)]


def _translations_of_lessons(state: State, language: str) -> dict[int, str]:
    lessons = state["translations"].get(language, {}).get("lessons", ())
    return {lesson["id"]: lesson["text"] for lesson in lessons}
