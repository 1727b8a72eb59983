"""Safe YAML parsing, with libyaml if PyYAML was built with it, which is ten times as fast."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml

from kb.domain.text import compose

try:
    from yaml import CSafeLoader as FastLoader
except ImportError:
    from yaml import SafeLoader as FastLoader  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = [
    "DuplicateKeyError",
    "IncidentDocumentsLoader",
    "IncidentLoader",
    "SafeLoader",
    "TextDatesLoader",
    "has_more_values",
    "read_yaml",
    "read_yaml_documents",
    "read_yaml_file",
]

MAX_VALUES = 1_000_000
"""How many values a document may have, each counted wherever an alias repeats it."""


MAX_WRITTEN_VALUES = 400_000
"""How many values a text may have as it is written: more take too much memory while they are read."""

MAX_INCIDENT_VALUES = 10_000
"""How many values an incident of a file may have: the largest of those that are shipped has 267."""

MAX_MERGED_KEYS = 100_000
"""How many keys a text may take over from other objects (`<<: *name`): each line may double their number."""

MAX_NUMBER_LENGTH = 1_000
"""How many characters a number may have: to read 1:1:1 ... takes the square of its length."""

MAX_SHOWN_KEY = 100
"""How many characters of a key a message shows."""

MAX_DEPTH = 100
"""How deep values may be nested: libyaml would go on until the stack of the process overflows."""


class SafeLoader(FastLoader):
    """Reads YAML of plain values, and refuses a text that is nested too deep or has too many of them."""

    max_written = MAX_WRITTEN_VALUES
    """How many values a text may have. A loader of small files allows fewer: each takes some microseconds."""

    max_in_document = MAX_WRITTEN_VALUES
    """How many values each document of a text may have."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._written = self._before = self._depth = self._merging = self._merged = 0

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        """Count a value. The composer calls this for each, before it reads it. Raises yaml.YAMLError."""
        if self._depth == 0:
            self._before = self._written
        self._written += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.YAMLError(f"it is nested more than {MAX_DEPTH} levels deep")
        if self._written > self.max_written:
            raise yaml.YAMLError(f"it has more than {self.max_written:,} values")
        if self._written - self._before > self.max_in_document:
            raise yaml.YAMLError(
                f"a document in it has more than {self.max_in_document:,} values; "
                "begin a new one with a line of three hyphens (---)"
            )
        super().descend_resolver(current_node, current_index)

    def ascend_resolver(self) -> None:
        """Leave a value that was read."""
        self._depth -= 1
        super().ascend_resolver()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Give an object the keys that it takes over from others. Raises yaml.YAMLError for too many."""
        self._merging += 1
        super().flatten_mapping(node)  # which calls this for each object that is taken over
        self._merging -= 1
        if self._merging:
            self._merged += len(node.value)
            if self._merged > MAX_MERGED_KEYS:
                raise yaml.YAMLError(
                    f"more than {MAX_MERGED_KEYS:,} keys are merged (<<) in it; write them out"
                )

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """The number of a node. Raises yaml.YAMLError for one that is too long."""
        self._check_number(node)
        number: int = super().construct_yaml_int(node)
        return number

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        """The number of a node, which has a fraction. Raises yaml.YAMLError for one that is too long."""
        self._check_number(node)
        number: float = super().construct_yaml_float(node)
        return number

    def _check_number(self, node: yaml.ScalarNode) -> None:
        if len(self.construct_scalar(node)) > MAX_NUMBER_LENGTH:
            raise yaml.MarkedYAMLError(
                problem=f"a number has more than {MAX_NUMBER_LENGTH:,} characters; put a text into quotes",
                problem_mark=node.start_mark,
            )


SafeLoader.add_constructor("tag:yaml.org,2002:int", SafeLoader.construct_yaml_int)
SafeLoader.add_constructor("tag:yaml.org,2002:float", SafeLoader.construct_yaml_float)


class DuplicateKeyError(yaml.MarkedYAMLError):
    """A key stands twice in one object, so that one of its values would be lost."""

    def __init__(self, node: yaml.ScalarNode) -> None:
        key = node.value if len(node.value) <= MAX_SHOWN_KEY else f"{node.value[:MAX_SHOWN_KEY]}..."
        super().__init__(problem=f"the key {key!r} stands here twice", problem_mark=node.start_mark)
        self.key: str = key


class UniqueKeyLoader(SafeLoader):
    """Reads YAML, and refuses a key that stands twice in one object."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The object of a node. Raises DuplicateKeyError."""
        seen = set()
        for key, _value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    raise DuplicateKeyError(key)
                seen.add((key.tag, key.value))
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


class TextDatesLoader(UniqueKeyLoader):
    """Reads YAML with its dates as text: the schemas parse them, with their precision."""


TextDatesLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
}


class IncidentLoader(TextDatesLoader):
    """Reads an incident, and refuses a text of far more values than one has."""

    max_written = MAX_INCIDENT_VALUES


class IncidentDocumentsLoader(TextDatesLoader):
    """Reads documents that hold an incident each, and refuses one of far more values than an incident has."""

    max_in_document = MAX_INCIDENT_VALUES


def read_yaml(text: str, loader: type[SafeLoader] = UniqueKeyLoader) -> Any:
    """Parse YAML, its texts in NFC. Raises yaml.YAMLError, also for a key that stands twice in one object and
    for aliases that repeat without end, or ValueError for an invalid date: 2018-02-30."""
    return _limited(_built(lambda: yaml.load(compose(text), loader)))  # noqa: S506 (a SafeLoader)


def read_yaml_documents(
    text: str, loader: type[SafeLoader] = UniqueKeyLoader, most: int | None = None
) -> list[Any]:
    """Parse a stream of YAML documents, which `---` separates, or the first `most` of them. Raises what
    `read_yaml` raises."""
    stream = _built(lambda: [*islice(yaml.load_all(compose(text), loader), most)])
    documents: list[Any] = _limited(stream)
    return documents


def _built(build: Callable[[], Any]) -> Any:
    """What a function of PyYAML builds, whose constructors raise whatever they stumble over."""
    try:
        return build()
    except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
        raise yaml.YAMLError(
            "a value is not of the kind that its tag (!!) or its form says; put a text into quotes"
        ) from error


def _limited(content: Any) -> Any:
    if has_more_values(content, MAX_VALUES):
        raise yaml.YAMLError(f"it has more than {MAX_VALUES:,} values, or an alias (*) that contains itself")
    return content


def read_yaml_file(path: Path, error_type: type[Exception]) -> Any:
    """Parse a YAML file in UTF-8. Raises `error_type`, with the path and the reason, if it is invalid."""
    try:
        return read_yaml(path.read_text("utf-8"))
    # ValueError: not UTF-8, or a date that does not exist
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise error_type(f"{path} cannot be read as YAML: {error}") from error


def has_more_values(content: Any, limit: int) -> bool:
    """Whether some data has more than so many values, each counted wherever it stands."""
    values, count = [content], 0
    while values and count <= limit:
        value = values.pop()
        count += 1
        if isinstance(value, dict):
            values.extend(value.values())
        elif isinstance(value, list):
            values.extend(value)
    return count > limit
