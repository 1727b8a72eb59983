"""The language-independent fields of an incident: columns, classification, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.domain.dates import MOMENTS, out_of_order
from kb.domain.links import link_key
from kb.domain.organization import organization_key
from kb.domain.taxonomy import CLASSIFICATIONS, PRIMARY_CATEGORY, SECONDARY_CATEGORIES
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models import (
    Impact,
    Incident,
    IncidentTerm,
    Response,
    Source,
)
from kb.services.core.presenters import evidence
from kb.services.incidents.content.tags import write_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kb.models import Term
    from kb.services.taxonomy.lookup import TermLookup

_COLUMNS = (
    "kind",
    "visibility",
    *MOMENTS,
    "severity",
    "confidence",
)


def classify(terms: TermLookup, data: Mapping[str, Any], current: Incident | None = None) -> list[Term]:
    """The terms that the input classifies an incident by, the primary category first.

    A field that the input leaves out keeps its value in `current`. Unknown keys are added to `terms.errors`.
    """
    classification: dict[int, Term] = {}

    def add(namespace: str, key: str, pointer: str) -> None:
        term = terms.find(namespace, key, pointer)
        if term is not None:
            classification.setdefault(term.id, term)

    def keys_of(field: str, namespace: str) -> Sequence[str]:
        if field not in data:
            return current.terms(namespace) if current else []
        value = data[field]
        return value if isinstance(value, list) else [value] if value else []

    for key in keys_of(PRIMARY_CATEGORY, "category")[:1]:
        add("category", key, "/category")
    current_secondary = current.terms("category")[1:] if current else []
    for position, key in enumerate(data.get(SECONDARY_CATEGORIES, current_secondary)):
        add("category", key, f"/{SECONDARY_CATEGORIES}/{position}")
    for field, namespace in CLASSIFICATIONS.items():
        for position, key in enumerate(keys_of(field, namespace)):
            add(namespace, key, f"/{field}/{position}")
    for key in keys_of("industry", "industry"):
        add("industry", key, "/industry")
    return list(classification.values())


def response_terms(terms: TermLookup, data: Mapping[str, Any]) -> list[Term | None]:
    """The term of each response in the input; None for an unknown key, which is added to `terms.errors`."""
    return [
        terms.find("response", response["kind"], f"/responses/{position}/kind")
        for position, response in enumerate(data.get("responses", ()))
    ]


def write_facts(
    incident: Incident,
    data: Mapping[str, Any],
    terms: TermLookup,
    *,
    check: bool = True,
    spellings: dict[str, str] | None = None,
) -> None:
    """Write the facts in the input into an incident; `spellings` are for its tags (`write_tags`).

    Raises InvalidInput, before it changes anything, for unknown terms or, with `check`, for moments before
    `posted_at`.
    """
    classification = classify(terms, data, current=incident if incident.id else None)
    responses = response_terms(terms, data)
    if terms.errors:
        raise InvalidInput(terms.errors)
    columns = {name: data[name] if name in data else getattr(incident, name) for name in _COLUMNS}
    if check:
        require_order(columns)
    for name, value in columns.items():
        _set(incident, name, value)
    if "extra" in data:
        incident.extra = data["extra"] or None
    if "organization" in data:
        incident.organization = data["organization"]
        incident.organization_key = organization_key(data["organization"])
    if "occurred_on" in data:
        occurred = data["occurred_on"]
        incident.occurred_on, incident.occurred_until = occurred.first, occurred.last
        incident.occurred_precision = occurred.precision
    _set_terms(incident, classification)
    if "tags" in data:
        write_tags(incident, data["tags"], spellings)
    _set_evidence(incident, data, responses)


def require_order(moments: Mapping[str, Any]) -> None:
    """Raise InvalidInput for a moment before `posted_at`."""
    if (name := out_of_order(moments)) is not None:
        raise InvalidInput([FieldError(f"/{name}", Message("This is earlier than posted_at."))])


def _set_terms(incident: Incident, classification: list[Term]) -> None:
    links = {link.term_id: link for link in incident.term_links}
    ordered = []
    for position, term in enumerate(classification):
        link = links.get(term.id) or IncidentTerm(term_id=term.id, term=term, position=position)
        _set(link, "position", position)
        ordered.append(link)
    _set(incident, "term_links", ordered)
    _set(incident, "category_id", classification[0].id)


def _set(row: Incident | IncidentTerm, name: str, value: object) -> None:
    """Set an attribute if the value differs, since every attribute that is set is compared at the flush."""
    if getattr(row, name) != value:
        setattr(row, name, value)


def _set_evidence(incident: Incident, data: Mapping[str, Any], terms: list[Term | None]) -> None:
    """Replace sources, responses and impacts if the input has them and they differ."""
    given = [field for field in ("sources", "responses", "impacts") if field in data]
    if not given:
        return
    before = evidence(incident)
    sources = [Source(position=n, **source) for n, source in enumerate(data.get("sources", ()))]
    responses = [
        Response(position=n, term=term, term_id=term.id, at=response["at"])
        for n, (term, response) in enumerate(zip(terms, data.get("responses", ()), strict=True))
        if term is not None
    ]
    impacts = [Impact(position=n, **impact) for n, impact in enumerate(data.get("impacts", ()))]
    # A transient incident, so that `evidence` renders new and stored rows alike.
    transient = Incident(sources=sources, responses=responses, impacts=impacts)
    after = evidence(transient)
    for field in given:
        if before[field] != after[field]:
            if field == "sources":
                _set_link_keys(sources, incident.sources)
            rows = list(getattr(transient, field))
            setattr(transient, field, [])
            setattr(incident, field, rows)


def _set_link_keys(sources: Iterable[Source], stored: Iterable[Source]) -> None:
    """Set the keys of the links of new sources; links that are among the stored ones keep theirs."""
    keys: dict[str | None, str | None] = {}
    for source in stored:
        keys |= {source.url: source.url_key, source.archive_url: source.archive_key}
    for source in sources:
        for url in filter(None, (source.url, source.archive_url)):
            keys[url] = keys.get(url) or link_key(url)
        source.url_key, source.archive_key = keys.get(source.url), keys.get(source.archive_url)
