"""Work of tests in which nothing of `kb` runs, kept from the tracer that counts branches.

Coverage's tracer is called for each line of Python, whether it counts or not: code of many small functions
takes four times as long.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def untraced(function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Call a function that runs nothing of `kb`."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        return function(*args, **options)
    finally:
        sys.settrace(tracer)
