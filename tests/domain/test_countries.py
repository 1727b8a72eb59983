"""The countries that a text lists."""

from __future__ import annotations

import pytest

from kb.domain.countries import read_countries


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("USA; u.k.", ["US", "GB"]),
        ("the United States and Canada", ["US", "CA"]),
        ("Bosnia & Herzegovina, Trinidad and Tobago", ["BA", "TT"]),
        ("France & Spain", ["FR", "ES"]),
        ("il us", ["IL", "US"]),
        ('ישראל, ארה"ב', ["IL", "US"]),
        ("הרפובליקה הצ׳כית", ["CZ"]),
        ("", []),
    ],
)
def test_countries_go_by_code_name_and_what_people_call_them(text: str, codes: list[str]) -> None:
    assert read_countries(text) == (codes, [])


def test_what_names_no_country_is_handed_back() -> None:
    assert read_countries("Israel, Narnia and Mars") == (["IL"], ["Narnia", "Mars"])


def test_of_a_list_too_long_the_rest_is_named_once() -> None:
    known, unknown = read_countries("US, " * 300 + "Narnia")
    assert (known, unknown) == (["US"], ["…"])
    assert read_countries(", ".join(map(str, range(100_000)))) == ([], [*map(str, range(250)), "…"])
    assert read_countries("US " * 250) == (["US"], [])


def test_what_is_too_long_for_a_name_is_unknown_and_not_folded() -> None:
    text = "\ufdfa" * 50_000  # of which each would become 18 characters
    assert read_countries(text) == ([], [text])
