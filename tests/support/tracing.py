"""Work of tests in which nothing of `kb` runs, kept from the tracer that counts branches.

Coverage's tracer is called for each line of Python, whether it counts or not: code of many small functions
takes four times as long. On average, a test takes more than twice its time.

Tests that are marked `no_cover` (of pytest-cov) are not traced at all: they call everything once more, or
look at data, and other tests call each part.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable
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


_traced: set[Hashable] = set()


def traced_once(form: Hashable, function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """Call a function that nearly every test calls in the same form; count its branches the first time."""
    if form in _traced:
        return untraced(function, *args, **options)
    result = function(*args, **options)
    _traced.add(form)
    return result
