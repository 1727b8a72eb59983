"""Safe YAML parsing, with libyaml if PyYAML was built with it, which is ten times as fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from kb.domain.text import compose

try:
    from yaml import CSafeLoader as FastLoader
except ImportError:
    from yaml import SafeLoader as FastLoader  # type: ignore[assignment]

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "DuplicateKeyError",
    "SafeLoader",
    "TextDatesLoader",
    "read_yaml",
    "read_yaml_documents",
    "read_yaml_file",
]

MAX_VALUES = 1_000_000
"""How many values a document may have, each counted wherever an alias repeats it."""


MAX_WRITTEN_VALUES = 400_000
"""How many values a text may have as it is written: more take too much memory while they are read."""

MAX_DEPTH = 100
"""How deep values may be nested: libyaml would go on until the stack of the process overflows."""


class SafeLoader(FastLoader):
    """Reads YAML of plain values, and refuses a text that is nested too deep or has too many of them."""

    max_written = MAX_WRITTEN_VALUES
    """How many values a text may have. A loader of small files allows fewer: each takes some microseconds."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._written = self._depth = 0

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        """Count a value. The composer calls this for each, before it reads it. Raises yaml.YAMLError."""
        self._written += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.YAMLError(f"it is nested more than {MAX_DEPTH} levels deep")
        if self._written > self.max_written:
            raise yaml.YAMLError(f"it has more than {self.max_written:,} values")
        super().descend_resolver(current_node, current_index)

    def ascend_resolver(self) -> None:
        """Leave a value that was read."""
        self._depth -= 1
        super().ascend_resolver()


class DuplicateKeyError(yaml.MarkedYAMLError):
    """A key stands twice in one object, so that one of its values would be lost."""

    def __init__(self, node: yaml.ScalarNode) -> None:
        super().__init__(problem=f"the key {node.value!r} stands here twice", problem_mark=node.start_mark)
        self.key: str = node.value


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


def read_yaml(text: str, loader: type[SafeLoader] = UniqueKeyLoader) -> Any:
    """Parse YAML, its texts in NFC. Raises yaml.YAMLError, also for a key that stands twice in one object and
    for aliases that repeat without end, or ValueError for an invalid date: 2018-02-30."""
    return _limited(yaml.load(compose(text), loader))  # noqa: S506 (a SafeLoader)


def read_yaml_documents(text: str, loader: type[SafeLoader] = UniqueKeyLoader) -> list[Any]:
    """Parse a stream of YAML documents, which `---` separates. Raises what `read_yaml` raises."""
    documents: list[Any] = _limited([*yaml.load_all(compose(text), loader)])
    return documents


def _limited(content: Any) -> Any:
    if _has_more_values(content, MAX_VALUES):
        raise yaml.YAMLError(f"it has more than {MAX_VALUES:,} values, or an alias (*) that contains itself")
    return content


def read_yaml_file(path: Path, error_type: type[Exception]) -> Any:
    """Parse a YAML file in UTF-8. Raises `error_type`, with the path and the reason, if it is invalid."""
    try:
        return read_yaml(path.read_text("utf-8"))
    # ValueError: not UTF-8, or a date that does not exist
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise error_type(f"{path} cannot be read as YAML: {error}") from error


def _has_more_values(content: Any, limit: int) -> bool:
    values, count = [content], 0
    while values and count <= limit:
        value = values.pop()
        count += 1
        if isinstance(value, dict):
            values.extend(value.values())
        elif isinstance(value, list):
            values.extend(value)
    return count > limit
