"""Real text that every machine with Python has: the docstrings of its standard library, as incidents."""

from __future__ import annotations

import ast
import random
import re
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MIN_WORDS = 30
_MAX_TITLE_LENGTH = 200
_MAX_TEXT_LENGTH = 10_000
_NOT_DOCUMENTED = {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3"}


def number_of(organization: str) -> int:
    """Which document it is: an answer repeats the organization as it was given."""
    return int(organization.removeprefix("No. "))


def incidents(count: int | None = None, seed: int = 1) -> list[dict[str, Any]]:
    """The docstrings as an import takes them, the same for the same Python; `count` draws some of them."""
    names: dict[str, str] = {}
    for name, text in _docstrings():
        names.setdefault(text, name)  # a text that is repeated cannot be the one that is meant
    different = [(name, text) for text, name in names.items()]
    if count is not None and count < len(different):
        different = random.Random(seed).sample(different, count)  # noqa: S311 (nothing secret)
    return [_incident(number, name, text) for number, (name, text) in enumerate(different)]


def _docstrings() -> Iterator[tuple[str, str]]:
    """The qualified name and text of what has at least some words to say; nothing is imported for it."""
    library = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(library.rglob("*.py")):
        parts = path.relative_to(library).with_suffix("").parts
        if _NOT_DOCUMENTED.isdisjoint(parts):
            try:
                tree = ast.parse(path.read_text(encoding="utf-8"))
            except (SyntaxError, UnicodeDecodeError):
                continue  # what is not Python of this version has no docstrings
            yield from _below(tree, ".".join(parts).removesuffix(".__init__"))


def _below(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = ast.get_docstring(node)
        if text is not None and len(text.split()) >= MIN_WORDS:
            yield name, text
    for child in ast.iter_child_nodes(node):
        called = getattr(child, "name", None)
        yield from _below(child, f"{name}.{called}" if isinstance(called, str) else name)


def _incident(number: int, name: str, text: str) -> dict[str, Any]:
    """A docstring as an incident: its first line, its first paragraph, and two halves of the rest."""
    printable = "".join(letter for letter in text if letter.isprintable() or letter == "\n")
    first_line, _, below = printable.strip().partition("\n")
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", below) if part.strip()]
    summary, *rest = paragraphs or [first_line]
    half = (len(rest) + 1) // 2
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace(".", " ").replace("_", " ")
    return {
        "external_id": f"docstring:{number}",
        "status": "published",
        "language": "en",
        "organization": f"No. {number}",
        "title": f"{' '.join(spelled.split())}: {first_line}"[:_MAX_TITLE_LENGTH].strip(),
        "summary": summary[:_MAX_TEXT_LENGTH],
        "cause": " ".join(rest[:half])[:_MAX_TEXT_LENGTH] or "None.",
        "outcome": " ".join(rest[half:])[:_MAX_TEXT_LENGTH] or "None.",
        "occurred_on": "2020-01-01",
        "category": "internal-communication",
        "lessons": [{"text": "None."}],
    }
