"""Safe YAML parsing, with libyaml if PyYAML was built with it, which is ten times as fast."""

from __future__ import annotations

import unicodedata
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

__all__ = ["SafeLoader", "read_yaml"]


def read_yaml(text: str, loader: type[SafeLoader] = SafeLoader) -> Any:
    """Parse YAML, its texts in NFC. Raises yaml.YAMLError, or ValueError for an invalid date: 2018-02-30."""
    return yaml.load(unicodedata.normalize("NFC", text), loader)  # noqa: S506 (a SafeLoader)
