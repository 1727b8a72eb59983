"""Damage to files, as a failing disk or a careless person does it."""

from __future__ import annotations

from pathlib import Path

DAMAGES = ("flipped", "truncated", "emptied", "replaced", "removed")
"""A bit of a file flipped, its second half or all of it lost, other content, or no file."""


def damage(path: Path, kind: str) -> None:
    """Damage a file in one of the ways of DAMAGES, in place: what has it open sees it."""
    content = bytearray(path.read_bytes())
    if kind == "removed":
        path.unlink()
    elif kind == "emptied":
        path.write_bytes(b"")
    elif kind == "truncated":
        path.write_bytes(bytes(content[: len(content) // 2]))
    elif kind == "replaced":
        path.write_bytes(bytes(reversed(content)))
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
