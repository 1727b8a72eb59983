"""The terms of the taxonomy that a draft names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.taxonomy.lookup import TermLookup

DRAFT_TERMS = ("platform", "industry")
"""The fields of a draft that hold a term, named like their namespaces."""


def with_term_keys(draft: Mapping[str, Any], terms: TermLookup, pointer: str = "") -> dict[str, Any]:
    """Replace the terms of a draft, in any spelling, by their keys.

    Adds unknown terms to `terms.errors`, below a pointer.
    """
    found = {
        name: terms.find(name, draft[name], f"{pointer}/{name}") for name in DRAFT_TERMS if name in draft
    }
    return {**draft, **{name: term.key for name, term in found.items() if term is not None}}
