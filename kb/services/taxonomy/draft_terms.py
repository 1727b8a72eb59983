"""The terms of the taxonomy that a draft names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.taxonomy.lookup import TermLookup

DRAFT_TERMS = ("platform", "industry")
"""The fields of a draft that hold a term, each of the namespace of the same name."""


def with_term_keys(draft: Mapping[str, Any], terms: TermLookup, pointer: str = "") -> dict[str, Any]:
    """The data of a draft with the keys of its terms, in whatever spelling it names them.

    Adds unknown ones to `terms.errors`, below a pointer.
    """
    found = {
        name: terms.find(name, draft[name], f"{pointer}/{name}") for name in DRAFT_TERMS if name in draft
    }
    return {**draft, **{name: term.key for name, term in found.items() if term is not None}}
