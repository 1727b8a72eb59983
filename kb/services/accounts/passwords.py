"""Passwords: Argon2id, with the parameters that OWASP names first."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kb.domain.text import forbidden_character
from kb.errors import FieldError, InvalidInput

MIN_LENGTH, MAX_LENGTH = 12, 200
"""In characters. Length is what counts: no rule asks for digits or signs."""

_MIN_DISTINCT = 6

_AT_ONCE = threading.BoundedSemaphore(4)
"""Each takes 19 MB: who signs in by the hundred waits, rather than the process running out of memory."""


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _of_nobody() -> str:
    return _hasher().hash("nobody's password")


def hash_password(password: str, *, at: str = "/password") -> str:
    """What is stored of a password. Raises InvalidInput for one that is too short, or too long."""
    detail = None
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        detail = f"Take {MIN_LENGTH} to {MAX_LENGTH} characters. Several words are a good password."
    elif len(set(password.casefold())) < _MIN_DISTINCT:
        detail = f"Take at least {_MIN_DISTINCT} different characters. Several words are a good password."
    elif forbidden_character(password) is not None:
        detail = "It has a character that cannot be typed."
    if detail is not None:
        raise InvalidInput([FieldError(at, detail)], detail)
    with _AT_ONCE:
        return _hasher().hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Whether a password is the one that was stored; it takes as long where there is none."""
    with _AT_ONCE:
        try:
            _hasher().verify(stored or _of_nobody(), password.encode("utf-8", "replace"))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None
