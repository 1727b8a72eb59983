"""The terms of the taxonomy that a draft names, or a guard in its fields, parameters and examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.services.taxonomy.lookup import TermLookup

DRAFT_TERMS = ("platform", "industry")
"""The fields of a draft that hold a term, named like their namespaces."""

_INDUSTRIES = "industries"
"""The parameter of guards that names industries, whatever their type. Types without it refuse it."""


def with_term_keys(draft: Mapping[str, Any], terms: TermLookup, pointer: str = "") -> dict[str, Any]:
    """Replace the terms of a draft, in any spelling, by their keys.

    Adds unknown terms to `terms.errors`, below a pointer.
    """
    found = {
        name: terms.find(name, draft[name], f"{pointer}/{name}") for name in DRAFT_TERMS if name in draft
    }
    return {**draft, **{name: term.key for name, term in found.items() if term is not None}}


def with_guard_term_keys(guard: Mapping[str, Any], terms: TermLookup, pointer: str = "") -> dict[str, Any]:
    """Replace the terms in a guard's data, as `GuardInputSchema` loads them, by their keys.

    They may be in any spelling. Adds unknown terms to `terms.errors`, below a pointer; names of platforms and
    industries among them are kept.
    """
    keyed = {**guard, "platforms": _keys("platform", guard["platforms"], terms, f"{pointer}/platforms")}
    names = guard["parameters"].get(_INDUSTRIES)
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        keys = _keys("industry", names, terms, f"{pointer}/parameters/{_INDUSTRIES}")
        keyed["parameters"] = {**guard["parameters"], _INDUSTRIES: keys}
    keyed["examples"] = {
        kind: [
            with_term_keys(draft, terms, f"{pointer}/examples/{kind}/{number}")
            for number, draft in enumerate(drafts)
        ]
        for kind, drafts in guard["examples"].items()
    }
    return keyed


def names_terms(guard: Mapping[str, Any]) -> bool:
    """Whether a guard's data name any terms."""
    drafts = (draft for drafts in guard["examples"].values() for draft in drafts)
    return bool(
        guard["platforms"]
        or guard["parameters"].get(_INDUSTRIES)
        or any(draft.keys() & {*DRAFT_TERMS} for draft in drafts)
    )


def _keys(namespace: str, names: list[str], terms: TermLookup, pointer: str) -> list[str]:
    found = [terms.find(namespace, name, f"{pointer}/{number}") for number, name in enumerate(names)]
    return list(
        dict.fromkeys(name if term is None else term.key for name, term in zip(names, found, strict=True))
    )
