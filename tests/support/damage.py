"""Damage to files, as a failing disk or a careless person does it."""

from __future__ import annotations

from pathlib import Path


def damage(path: Path, kind: str) -> None:
    """Flip a bit of a file, empty it, or remove it: `kind` is "flipped", "emptied" or "removed"."""
    content = bytearray(path.read_bytes())
    if kind == "removed":
        path.unlink()
    elif kind == "emptied":
        path.write_bytes(b"")
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
