"""A corpus of real text that comes with Python: the docstrings of its standard library, as incidents."""

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
_EXCLUDED_PACKAGES = {"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3"}


def document_id(organization: str) -> int:
    """The ID of a document, from the organization in a response, which `_incident` makes of the ID."""
    return int(organization.removeprefix("No. "))


def incidents(count: int | None = None, seed: int = 1) -> list[dict[str, Any]]:
    """The docstrings in the import format, or a random sample of `count`; the same for the same Python."""
    names: dict[str, str] = {}
    for name, text in _docstrings():
        names.setdefault(text, name)  # a duplicate text would give a query two relevant documents
    unique = [(name, text) for text, name in names.items()]
    if count is not None and count < len(unique):
        unique = random.Random(seed).sample(unique, count)  # noqa: S311 (nothing secret)
    return [_incident(number, name, text) for number, (name, text) in enumerate(unique)]


def _docstrings() -> Iterator[tuple[str, str]]:
    """Yield the qualified name and text of docstrings of at least `MIN_WORDS` words; imports nothing."""
    library = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(library.rglob("*.py")):
        parts = path.relative_to(library).with_suffix("").parts
        if _EXCLUDED_PACKAGES.isdisjoint(parts):
            try:
                tree = ast.parse(path.read_text(encoding="utf-8"))
            except (SyntaxError, UnicodeDecodeError):
                continue  # not valid in this version of Python
            yield from _walk(tree, ".".join(parts).removesuffix(".__init__"))


def _walk(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = ast.get_docstring(node)
        if text is not None and len(text.split()) >= MIN_WORDS:
            yield name, text
    for child in ast.iter_child_nodes(node):
        child_name = getattr(child, "name", None)
        yield from _walk(child, f"{name}.{child_name}" if isinstance(child_name, str) else name)


def _incident(number: int, name: str, text: str) -> dict[str, Any]:
    """Make an incident of a docstring: its first line, its first paragraph, and the rest in two halves."""
    printable = "".join(letter for letter in text if letter.isprintable() or letter == "\n")
    first_line, _, remainder = printable.strip().partition("\n")
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", remainder) if part.strip()]
    summary, *rest = paragraphs or [first_line]
    half = (len(rest) + 1) // 2
    name_words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace(".", " ").replace("_", " ")
    return {
        "external_id": f"docstring:{number}",
        "status": "published",
        "language": "en",
        "organization": f"No. {number}",
        "title": f"{' '.join(name_words.split())}: {first_line}"[:_MAX_TITLE_LENGTH].strip(),
        "summary": summary[:_MAX_TEXT_LENGTH],
        "cause": " ".join(rest[:half])[:_MAX_TEXT_LENGTH] or "None.",
        "outcome": " ".join(rest[half:])[:_MAX_TEXT_LENGTH] or "None.",
        "occurred_on": "2020-01-01",
        "category": "internal-communication",
        "lessons": [{"text": "None."}],
    }
