"""Examples for the OpenAPI document, from `examples.yaml`."""

from __future__ import annotations

from typing import Any


def add_examples(document: Any, operations: Any) -> None:
    pass


def problem_example(status: int) -> Any:
    return {"type": "x", "title": "x", "status": status, "detail": "d"}
