"""Safe YAML parsing, with libyaml (ten times as fast) if PyYAML was built with it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml

from kb.derived_files import derived
from kb.domain.text import compose
from kb.messages import Message
from kb.pauses import no_pause

try:
    from yaml import CSafeLoader as FastLoader
except ImportError:
    from yaml import SafeLoader as FastLoader  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kb.pauses import Pause

__all__ = [
    "DuplicateKeyError",
    "IncidentDocumentsLoader",
    "IncidentLoader",
    "SafeLoader",
    "TextDatesLoader",
    "has_more_values",
    "read_shipped_yaml",
    "read_yaml",
    "read_yaml_documents",
    "read_yaml_file",
    "yaml_problem",
]

MAX_VALUES = 1_000_000
"""Maximum number of values in a document, counting each again wherever an alias repeats it."""


MAX_WRITTEN_VALUES = 400_000
"""Maximum number of values written in a text, before aliases: parsing more takes too much memory."""

MAX_INCIDENT_VALUES = 10_000
"""Maximum number of values in one incident of a file; the largest shipped incident has 267."""

MAX_MERGED_KEYS = 100_000
"""Maximum number of merged keys (`<<: *name`) in a text: each line may double their number."""

MAX_NUMBER_LENGTH = 1_000
"""Maximum length of a number, in characters: parsing 1:1:1 ... takes quadratic time."""

MAX_SHOWN_KEY = 100
"""Longer keys are truncated in messages, in characters."""

_COMPOSED_AT_ONCE = 50_000
"""How many characters are composed between two pauses."""

_ASCII = re.compile(r"[\x00-\x7f]")

MAX_DEPTH = 100
"""Maximum nesting depth: libyaml itself recurses until the process's stack overflows."""


_TEXT = "tag:yaml.org,2002:str"


class SafeLoader(FastLoader):
    """Loads YAML of plain values, and refuses a text with too many values or too deep a nesting."""

    max_written = MAX_WRITTEN_VALUES
    """Maximum number of values in a text. Loaders of small files lower it: each value takes microseconds."""

    max_in_document = MAX_WRITTEN_VALUES
    """Maximum number of values in each document of a text."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._written = self._before = self._depth = self._merging = self._merged = 0

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        """Count a value; the composer calls this before it reads each one. Raises yaml.YAMLError."""
        if self._depth == 0:
            self._before = self._written
        self._written += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise yaml.YAMLError(Message("it is nested more than {count} levels deep", count=MAX_DEPTH))
        if self._written > self.max_written:
            raise yaml.YAMLError(Message("it has more than {count:,} values", count=self.max_written))
        if self._written - self._before > self.max_in_document:
            raise yaml.YAMLError(
                Message(
                    "a document in it has more than {count:,} values; "
                    "begin a new one with a line of three hyphens (---)",
                    count=self.max_in_document,
                )
            )
        super().descend_resolver(current_node, current_index)

    def ascend_resolver(self) -> None:
        """Leave a value, once it has been read."""
        self._depth -= 1
        super().ascend_resolver()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Resolve the merge keys (`<<`) of a mapping. Raises yaml.YAMLError if there are too many keys."""
        self._merging += 1
        super().flatten_mapping(node)  # calls this method again for each merged mapping
        self._merging -= 1
        if self._merging:
            self._merged += len(node.value)
            if self._merged > MAX_MERGED_KEYS:
                raise yaml.YAMLError(
                    Message(
                        "more than {count:,} keys are merged (<<) in it; write them out",
                        count=MAX_MERGED_KEYS,
                    )
                )

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Construct a value. Most are texts, for which PyYAML takes several times as long, and keeps each."""
        if node.tag == _TEXT and isinstance(node, yaml.ScalarNode):
            return node.value
        return super().construct_object(node, deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Construct an integer. Raises yaml.YAMLError if it has too many characters."""
        self._check_number(node)
        number: int = super().construct_yaml_int(node)
        return number

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float:
        """Construct a float. Raises yaml.YAMLError if it has too many characters."""
        self._check_number(node)
        number: float = super().construct_yaml_float(node)
        return number

    def _check_number(self, node: yaml.ScalarNode) -> None:
        if len(self.construct_scalar(node)) > MAX_NUMBER_LENGTH:
            raise yaml.MarkedYAMLError(
                problem=Message(
                    "a number has more than {count:,} characters; put a text into quotes",
                    count=MAX_NUMBER_LENGTH,
                ),
                problem_mark=node.start_mark,
            )


SafeLoader.add_constructor("tag:yaml.org,2002:int", SafeLoader.construct_yaml_int)
SafeLoader.add_constructor("tag:yaml.org,2002:float", SafeLoader.construct_yaml_float)


class DuplicateKeyError(yaml.MarkedYAMLError):
    """A mapping has the same key twice, so one of the values would be lost."""

    def __init__(self, node: yaml.ScalarNode) -> None:
        key = node.value if len(node.value) <= MAX_SHOWN_KEY else f"{node.value[:MAX_SHOWN_KEY]}..."
        super().__init__(
            problem=Message("the key {key!r} stands here twice", key=key), problem_mark=node.start_mark
        )
        self.key: str = key


class UniqueKeyLoader(SafeLoader):
    """Loads YAML, and refuses duplicate keys in a mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Construct a mapping. Raises DuplicateKeyError."""
        seen = set()
        for key, _value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    raise DuplicateKeyError(key)
                seen.add((key.tag, key.value))
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


class TextDatesLoader(UniqueKeyLoader):
    """Loads YAML with dates left as text: the schemas parse them, keeping their precision."""


TextDatesLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
}


class IncidentLoader(TextDatesLoader):
    """Loads one incident, and refuses a text with far more values than an incident has."""

    max_written = MAX_INCIDENT_VALUES


class IncidentDocumentsLoader(TextDatesLoader):
    """Loads documents of one incident each, and refuses any with far more values than an incident has."""

    max_in_document = MAX_INCIDENT_VALUES


def read_yaml(text: str, loader: type[SafeLoader] = UniqueKeyLoader) -> Any:
    """Parse YAML, with texts in NFC. Raises yaml.YAMLError, also for duplicate keys and for aliases that
    contain themselves, or ValueError for an invalid date: 2018-02-30."""
    return _limited(_built(lambda: yaml.load(compose(text), loader)))  # noqa: S506 (a SafeLoader)


def read_yaml_documents(
    text: str,
    loader: type[SafeLoader] = UniqueKeyLoader,
    most: int | None = None,
    pause: Pause = no_pause,
) -> list[Any]:
    """Parse a stream of YAML documents separated by `---`, or only the first `most` of them. Raises the same
    errors as `read_yaml`. `pause` is called after each document, and within
    the composition of a long text."""

    def parsed() -> Iterator[Any]:
        for document in islice(yaml.load_all(_composed(text, pause), loader), most):
            yield document
            pause()

    stream = _built(lambda: [*parsed()])
    documents: list[Any] = _limited(stream)
    return documents


def _composed(text: str, pause: Pause) -> str:
    """A text in NFC, composed in pieces, since accent after accent takes seconds for a file of 8 MB.

    A piece begins with an ASCII character, which composes with nothing before it. Where there is none for
    long, it begins anywhere: no value is that long, and each is composed once more when it is loaded.
    """
    if text.isascii():
        return text
    pieces, start = [], 0
    while start < len(text):
        latest = start + 2 * _COMPOSED_AT_ONCE
        following = _ASCII.search(text, start + _COMPOSED_AT_ONCE, latest)
        end = latest if following is None else following.start()
        pieces.append(compose(text[start:end]))
        start = end
        pause()
    return "".join(pieces)


def _built(build: Callable[[], Any]) -> Any:
    """Call a PyYAML function, turning the assorted exceptions of its constructors into yaml.YAMLError."""
    try:
        return build()
    except (ArithmeticError, AttributeError, LookupError, TypeError) as error:
        raise yaml.YAMLError(
            Message("a value is not of the kind that its tag (!!) or its form says; put a text into quotes")
        ) from error


def _limited(content: Any) -> Any:
    if has_more_values(content, MAX_VALUES):
        raise yaml.YAMLError(
            Message(
                "it has more than {count:,} values, or an alias (*) that contains itself", count=MAX_VALUES
            )
        )
    return content


def read_yaml_file(path: Path, error_type: type[Exception]) -> Any:
    """Parse a YAML file in UTF-8. Raises `error_type`, with the path and the reason, if it is invalid."""
    try:
        return read_yaml(path.read_text("utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise error_type(Message("{path} cannot be read: {reason}", path=str(path), reason=reason)) from error
    # ValueError: not UTF-8, or a date that does not exist
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise error_type(
            Message("{path} cannot be read as YAML: {reason}", path=str(path), reason=yaml_problem(error))
        ) from error


def read_shipped_yaml(path: Path) -> Any:
    """Parse a YAML file of the program itself, once for all processes (`derived_files`)."""
    content = path.read_bytes()
    return derived(f"yaml-{path.stem}", [content], lambda: read_yaml(content.decode()))


def yaml_problem(error: Exception, first_line: int = 1) -> Message:
    """Describe why a text cannot be read as YAML, with the line if it is known.

    `error` is an exception raised by this module or by decoding; `first_line` is the line in the file on
    which the text starts. Translations leave out PyYAML's own description, which is in English: the remedy is
    the same for most errors.
    """
    if isinstance(error, UnicodeDecodeError):
        return Message("it is not text in UTF-8; save it as UTF-8")
    if isinstance(error, yaml.MarkedYAMLError):
        return _marked_problem(error, first_line)
    if error.args and isinstance(error.args[0], Message):
        return error.args[0]
    if isinstance(error, (yaml.YAMLError, UnicodeEncodeError)):
        return Message("it has characters that cannot be seen; take them away")
    if isinstance(error, RecursionError):
        return Message("it is nested too deeply")
    return Message("a value is not valid, such as a date that does not exist ({reason})", reason=str(error))


def _marked_problem(error: yaml.MarkedYAMLError, first_line: int) -> Message:
    problem = error.problem or error.context or ""
    mark = error.problem_mark or error.context_mark
    if not isinstance(problem, Message):
        problem = Message(
            "{reason}; a text with a colon or another sign needs quotes, each bracket its end, and each "
            "level two more spaces",
            reason=problem,
        )
    if mark is None:
        return problem
    return Message("line {line}: {problem}", line=first_line + mark.line, problem=problem)


def has_more_values(content: Any, limit: int) -> bool:
    """Whether data has more than `limit` values, counting shared ones at each occurrence."""
    values, count = [content], 0
    while values and count <= limit:
        value = values.pop()
        count += 1
        if isinstance(value, dict):
            values.extend(value.values())
        elif isinstance(value, list):
            values.extend(value)
    return count > limit
