"""Read a guard written in YAML, and report each mistake with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from marshmallow import ValidationError

from kb.guards.definition import expand_shorthand, to_data, to_guard
from kb.messages import Message
from kb.schemas.guards import GuardInputSchema
from kb.schemas.pointers import field_errors
from kb.services.check.guard_files import KEY, json_data
from kb.services.incidents.content.guard_checks import check_guard
from kb.services.taxonomy.lookup import TermLookup
from kb.yaml_text import DuplicateKeyError, SafeLoader, read_yaml, yaml_problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.domain.guard import Guard

MAX_LENGTH = 20_000
"""The maximum length of a guard in YAML, in characters."""


class Mistake(NamedTuple):
    """A mistake to fix: its line (from 1) and field, as far as known, and the reason."""

    line: int | None
    field: str
    detail: Message


class GuardTextError(ValueError):
    """The text is not a valid guard."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("; ".join(mistake.detail for mistake in mistakes))
        self.mistakes = mistakes


class WrittenGuard:
    """A guard read from a text, with the line of each field."""

    def __init__(self, text: str) -> None:
        """Read one guard: an object, a list of one, or `guards:` with a list of one.

        Raises GuardTextError if the text is not a guard. Mistakes in a readable guard, such as failing
        examples, are in `mistakes`.
        """
        if len(text) > MAX_LENGTH:
            raise _error(
                Message(
                    "This has {count:,} characters; a guard may have {most:,}.",
                    count=len(text),
                    most=MAX_LENGTH,
                )
            )
        self._root = _parse(text)
        row, self._node, self._form = _only_guard(_load(text), self._root)
        key = row.get("key", "my-guard")
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise self.error(
                "/key", Message("Write a `key` of letters, digits and hyphens, such as our-words-to-avoid.")
            )
        fields = {name: value for name, value in expand_shorthand(row).items() if name != "key"}
        try:
            loaded = GuardInputSchema().load(json_data(fields))
        except ValidationError as error:
            mistakes = [self.mistake(item.pointer, item.detail) for item in field_errors(error.messages)]
            raise GuardTextError(*mistakes) from error
        terms = TermLookup()
        self.guard: Guard = to_guard(key, check_guard(loaded, "", terms))
        self.mistakes = [self.mistake(item.pointer, item.detail) for item in terms.errors]
        self._text = text

    def mistake(self, pointer: str, detail: Message) -> Mistake:
        """Report a mistake in the field that a JSON pointer names."""
        return Mistake(_line(self._node, pointer), pointer, detail)

    def error(self, pointer: str, detail: Message) -> GuardTextError:
        """Make an error with this one mistake."""
        return GuardTextError(self.mistake(pointer, detail))

    def as_file(self) -> str:
        """The guard as a file of guards, with its comments and in the order in which it was written."""
        text = self._text.strip("\n")
        if self._form == "file":
            return f"{text}\n"
        if self._form == "object":
            first, *others = text.split("\n")
            return _joined("guards:", f"  - {first}", *(f"    {line}" for line in others))
        return _joined("guards:", *(f"  {line}" for line in text.split("\n")))

    def as_lesson(self) -> str:
        """The guard as the `guard` of a lesson, without a key of its own."""
        return _yaml({"guard": _without_empty(to_data(self.guard))})


def guard_text(key: str, data: Mapping[str, Any]) -> str:
    """Write the data of a guard as YAML, as a list item to be edited."""
    fields = _without_empty(data)
    examples = {kind: [*map(_brief, drafts)] for kind, drafts in fields.pop("examples", {}).items()}
    return _yaml([{"key": key, **fields, **({"examples": examples} if examples else {})}])


def _brief(draft: Mapping[str, Any]) -> Any:
    """An example in its shortest form: its text alone, if it has no other field."""
    return draft["text"] if draft.keys() == {"text"} else draft


def _without_empty(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a guard without empty fields."""
    return {name: value for name, value in data.items() if value or name == "parameters"}


def _yaml(content: Any) -> str:
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


def _parse(text: str) -> yaml.Node:
    """Parse a text into nodes, which have line numbers. Raises GuardTextError."""
    try:
        for token in yaml.scan(text, Loader=SafeLoader):
            if isinstance(token, (yaml.AliasToken, yaml.AnchorToken)):
                detail = Message(
                    "Anchors (&) and aliases (*) are not read here: write it out, or put it into quotes."
                )
                raise GuardTextError(Mistake(token.start_mark.line + 1, "", detail))
        node = yaml.compose(text, Loader=SafeLoader)
    except yaml.MarkedYAMLError as error:
        detail = Message(
            "This cannot be read as YAML: {reason}. "
            "Texts with a colon or another sign need quotes, and each level two more spaces.",
            reason=error.problem or error.context,
        )
        raise GuardTextError(Mistake(_line_of(error), "", detail)) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _unreadable(error) from error
    if node is None:
        raise _error(Message("There is no guard yet. Begin with the skeleton of a type."))
    return node


def _load(text: str) -> Any:
    try:
        return read_yaml(text)
    except DuplicateKeyError as error:
        detail = Message("The key {key} stands twice in one object. Keep one of them.", key=error.key)
        raise GuardTextError(Mistake(_line_of(error), "", detail)) from error
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> GuardTextError:
    return _error(Message("This cannot be read as YAML: {reason}.", reason=yaml_problem(error)))


def _only_guard(content: Any, node: yaml.Node) -> tuple[dict[str, Any], yaml.Node, str]:
    """The only guard of a text, its node, and its form: an object, a list, or a whole file."""
    form = "object"
    if isinstance(content, dict) and [*content] == ["guards"]:
        content, node, form = content["guards"], node.value[0][1], "file"
    if isinstance(content, list):
        if len(content) != 1:
            raise _error(Message("There are {count} guards. Write one at a time.", count=len(content)))
        content, node, form = content[0], node.value[0], "list" if form == "object" else form
    if not isinstance(content, dict):
        raise _error(Message("Write a guard: `type`, `severity`, `message`, `parameters` and `examples`."))
    return content, node, form


def _line_of(error: yaml.MarkedYAMLError) -> int | None:
    mark = error.problem_mark or error.context_mark
    return None if mark is None else mark.line + 1


def _line(node: yaml.Node, pointer: str) -> int:
    """The line of the value that a JSON pointer names, or of the nearest parent that exists."""
    line = node.start_mark.line
    for part in pointer.split("/")[1:]:
        name, child = part.replace("~1", "/").replace("~0", "~"), None
        if isinstance(node, yaml.MappingNode):
            key, child = next(((key, each) for key, each in node.value if key.value == name), (None, None))
            line = line if key is None else key.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and name.isdigit() and int(name) < len(node.value):
            child = node.value[int(name)]
            line = child.start_mark.line
        if child is None:
            break
        node = child
    return line + 1


def _error(detail: Message) -> GuardTextError:
    return GuardTextError(Mistake(None, "", detail))


def _joined(*lines: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in lines)
