"""Hash and verify passwords with Argon2id, with the first parameters that OWASP recommends."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kb.domain.passwords import is_easy_to_guess
from kb.domain.text import forbidden_character
from kb.errors import FieldError, InvalidInput
from kb.messages import Message

MIN_LENGTH, MAX_LENGTH = 12, 200
"""In characters. Length makes a password strong, so digits and symbols are not required."""

_MIN_DISTINCT = 6

_HASHING_SLOTS = threading.BoundedSemaphore(4)
"""Each hash takes 19 MB: when hundreds sign in at once, they wait instead of exhausting the memory."""


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _placeholder_hash() -> str:
    return _hasher().hash("nobody's password")


def require_strong(password: str) -> None:
    """Raise InvalidInput for a password that is too short, too long, too uniform or easy to guess."""
    detail = None
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        detail = Message(
            "Use {least} to {most} characters. Several words make a good password.",
            least=MIN_LENGTH,
            most=MAX_LENGTH,
        )
    elif len(set(password.casefold())) < _MIN_DISTINCT:
        detail = Message(
            "Use at least {least} different characters. Several words make a good password.",
            least=_MIN_DISTINCT,
        )
    elif is_easy_to_guess(password):
        detail = Message(
            "This is easy to guess: it repeats itself, or has little besides words such as “password” and "
            "runs such as 12345. Use several words that do not belong together."
        )
    elif forbidden_character(password) is not None:
        detail = Message("It contains a character that cannot be typed.")
    if detail is not None:
        raise InvalidInput([FieldError("/password", detail)], detail)


def hash_password(password: str) -> str:
    """Hash a password for storage. Raises InvalidInput as `require_strong` does."""
    require_strong(password)
    with _HASHING_SLOTS:
        return _hasher().hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether a password matches its hash. Without a hash it is False after the same time."""
    with _HASHING_SLOTS:
        try:
            _hasher().verify(password_hash or _placeholder_hash(), password.encode("utf-8", "replace"))
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None
