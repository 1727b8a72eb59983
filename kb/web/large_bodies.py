"""Requests whose body may be larger than others: whole collections, sent by those who may add them."""

from __future__ import annotations

from flask import request

from kb.services.infrastructure.runtime import settings

LARGE_BODIES = frozenset({"put_collection", "collection_file_try", "collection_file_add"})
"""The views that take up to `KB_MAX_COLLECTION_BYTES`, by function name."""


def admit_large_body(view: str) -> None:
    """Let the current request have a large body if its view takes one.

    To be called when the caller is known to be permitted, and before the body is read.
    """
    if view in LARGE_BODIES:
        request.max_content_length = max(settings().max_body_bytes, settings().max_collection_bytes)
        # A form hands the file on as a field.
        request.max_form_memory_size = request.max_content_length
