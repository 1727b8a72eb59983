"""Filters mean the same for lists, search and trends: any spelling of a name, all variants of a language."""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import normalize

import pytest

from tests.support.api import Api
from tests.support.trends import listed, rows

PERIOD = {"from": "2020", "to": "2020"}


def _found(api: Api, **query: str) -> list[int]:
    """The incidents of 2020 that a filter selects, which lists, search and trends agree about."""
    page = api.get("/incidents", limit=100, **PERIOD, **query).get_json()
    found: list[int] = sorted(item["id"] for item in page["items"])
    hits = api.get("/search", limit=100, **PERIOD, **query).get_json()["items"]
    assert sorted(hit["incident"]["id"] for hit in hits) == found
    (row,) = rows(api, **PERIOD, **query)
    assert row["value"] == len(found)
    assert sorted(listed(api, row["url"])) == found
    return found


@pytest.fixture
def file_one(any_role: Callable[..., Api]) -> Callable[..., int]:
    admin = any_role("site_admin")

    def file_incident(**changes: object) -> int:
        return int(admin.file(**{"occurred_on": "2020", "status": "published", **changes})["id"])

    return file_incident


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Nestlé", ("nestle", "NESTLÉ", normalize("NFD", "Nestlé"), "Nest\u200blé", " Nestle ")),
        ("Ørsted", ("orsted", "ØRSTED")),
        ("Łódź", ("lodz", "ŁÓDŹ", normalize("NFD", "Łódź"))),
        ("Mc\u00adFoo", ("McFoo", "mcfoo")),
        ("McFoo", ("Mc\u00adFoo", "Ｍｃfoo")),
        ("हिन्दी विज्ञापन", ("हिन्दी-विज्ञापन",)),
        ("L'Oréal", ("loreal", "L’Oreal", "L‘Oréal")),
    ],
)
def test_an_organization_is_found_in_every_spelling(
    as_role: Callable[..., Api], name: str, typed: tuple[str, ...]
) -> None:
    admin = as_role("site_admin")
    filed = admin.file(organization=name, occurred_on="2020", status="published")["id"]
    admin.file(organization="Other", occurred_on="2020", status="published")
    for organization in typed:
        assert _found(admin, organization=organization) == [filed], organization
        group = admin.get("/incidents", group=f"organization:{organization}").get_json()["items"]
        assert [item["id"] for item in group] == [filed], organization


def test_spellings_of_an_organization_are_one_group(admin: Api) -> None:
    for name in ("Nestlé", "NESTLE", normalize("NFD", "Nestlé")):
        admin.file(organization=name, occurred_on="2020", status="published")
    (row,) = rows(admin, group_by="organization", **PERIOD)
    assert (row["group"], row["value"], len(listed(admin, row["url"]))) == ("nestle", 3, 3)


def test_spellings_of_an_organization_make_likely_duplicates(contributor: Api) -> None:
    first = contributor.file(organization="Ørsted")
    second = contributor.file(organization="ORSTED", title="Another", summary="", cause="", outcome="")
    assert first["id"] in [item["incident"]["id"] for item in second["likely_duplicates"]]


def test_a_language_finds_its_variants_and_a_variant_only_itself(
    any_role: Callable[..., Api], file_one: Callable[..., int]
) -> None:
    api = any_role("site_admin")
    english, british = file_one(language="en"), file_one(language="en-GB")
    brazilian, israeli = file_one(language="pt-BR"), file_one(language="he-IL")
    filipino = file_one(language="fil")
    assert _found(api, language="en") == [english, british]
    assert _found(api, language="en-GB") == [british]
    assert _found(api, language="pt") == [brazilian]
    assert _found(api, language="he") == _found(api, language="iw") == [israeli]
    assert _found(api, language="pt,he") == [brazilian, israeli]
    assert _found(api, language="fi") == []
    assert _found(api, language="fil") == [filipino]
    group = api.get("/incidents", group="language:iw|pt", **PERIOD).get_json()["items"]
    assert sorted(item["id"] for item in group) == [brazilian, israeli]


def test_groups_and_facets_of_languages_are_primary_languages(
    any_role: Callable[..., Api], file_one: Callable[..., int]
) -> None:
    api = any_role("site_admin")
    both, british, french = file_one(language="en"), file_one(language="en-GB"), file_one(language="fr-CA")
    text = {"title": "A title", "summary": "A summary", "cause": "A cause", "outcome": "An outcome"}
    assert api.put(f"/incidents/{both}/translations/en-GB", text, If_Match='"1"').status_code == 201
    found = {row["group"]: row for row in rows(api, group_by="language", **PERIOD)}
    assert {key: row["value"] for key, row in found.items()} == {"en": 2, "fr": 1}
    assert sorted(listed(api, found["en"]["url"])) == [both, british]
    assert listed(api, found["fr"]["url"]) == [french]
    (row, other) = rows(api, group_by="language", top="1", **PERIOD)
    assert (row["group"], other["group"], listed(api, other["url"])) == ("en", "~other", [french])
    page = api.get("/search", facets="language,category", **PERIOD).get_json()
    assert page["facets"]["language"] == [
        {"key": "en", "label": "en", "count": 2},
        {"key": "fr", "label": "fr", "count": 1},
    ]


def test_an_unknown_language_of_a_group_is_an_error(reader: Api) -> None:
    assert reader.get("/incidents", group="language:xq").status_code == 422
