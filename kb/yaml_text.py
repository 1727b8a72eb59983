"""Reading YAML: safely, and by libyaml where PyYAML was built with it, which is ten times as fast."""

from __future__ import annotations

from typing import Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

__all__ = ["SafeLoader", "read_yaml"]


def read_yaml(text: str) -> Any:
    """What a text says. Raises yaml.YAMLError, or ValueError for what looks like a date and is none."""
    return yaml.load(text, SafeLoader)
