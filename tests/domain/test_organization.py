"""Keys of organizations: what is one organization, and what only looks like it."""

from __future__ import annotations

from collections import defaultdict
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.config import seeds_dir
from kb.domain.organization import is_legal_form, organization_key, without_legal_form
from kb.domain.text import MAX_KEY_LENGTH, name_key
from kb.yaml_text import read_yaml

_PARTS = [
    *(
        "Acme",
        "Foo",
        "Co",
        "The",
        "A",
        "S",
        "תנובה",
        "ו",
        "and",
        "&",
        "+",
        "-",
        "Ltd",
        "Limited",
        "Inc.",
        "GmbH",
    ),
    *(
        "S.A.",
        "SA",
        "S.p.A.",
        "A/S",
        "LLC",
        "PLC",
        "KG",
        'בע"מ',
        'ע"ר',
        "(Pty)",
        "Co.",
        ",",
        "z",
        "o.o.",
        "Sp.",
    ),
]
_names = st.text(max_size=200) | st.lists(st.sampled_from(_PARTS), max_size=40).map(" ".join)


@given(_names)
def test_the_key_of_a_key_is_the_key_and_both_forms_of_a_name_have_it(name: str) -> None:
    key = organization_key(name)
    assert organization_key(key) == key
    assert organization_key(normalize("NFD", name)) == organization_key(normalize("NFC", name)) == key
    assert len(key) <= MAX_KEY_LENGTH
    assert bool(key) == bool(name_key(name))


@pytest.mark.parametrize(
    "name",
    [
        "Acme Ltd", "Acme Ltd.", "ACME LIMITED", "Acme, Inc.", "Acme,Inc.", "Acme Incorporated", "Acme Corp.",
        "Acme Corporation", "Acme LLC", "Acme L.L.C.", "Acme PLC", "Acme GmbH", "Acme GmbH.",
        "Acme S.A.", "Acme, SA", "Acme S.p.A.", "Acme, SpA", "Acme A.G.", "Acme, AG", "Acme A/S", "Acme B.V.",
        "Acme BV", "Acme N.V.", "Acme Oy", "Acme, AB", "Acme K.G.", "Acme, KG", "Acme GmbH & Co. KG",
        "Acme S.A. de C.V.",
        "Acme Co., Ltd.", "Acme (Pty) Ltd", "Acme Pte. Ltd.", "Acme Sp. z o.o.", "Acme s.r.o.",
        'Acme בע"מ', "Acme בע״מ", "Acme בע''מ", "Acme בעמ", "Acme, בע”מ", 'Acme (ע"ר)', "Acme ע״ר",
        "acme-ltd", "acme-s-a",
        "Acme Ltd, Inc.",
    ],
)  # fmt: skip
def test_the_legal_form_at_the_end_is_no_part_of_the_key(name: str) -> None:
    assert organization_key(name) == "acme"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Inc.", "inc"),
        ("Limited Brands", "limited-brands"),
        ("The Limited", "the-limited"),
        ("The Limited, Inc.", "the-limited"),
        ("Saks", "saks"),
        ("Saks Incorporated", "saks"),
        ("AB InBev", "ab-inbev"),
        ("SA Brain", "sa-brain"),
        ("SA Brain & Co Ltd", "sa-brain-co"),
        ("SA", "sa"),
        ("AG", "ag"),
        ("Co-op", "co-op"),
        ("AS Roma", "as-roma"),
        ("Coca-Cola SA", "coca-cola-sa"),
        ("Thai Spa", "thai-spa"),
        ("Texas AG", "texas-ag"),
        ("Tiffany & Co.", "tiffany-co"),
        ("Voice of the U.S.A.", "voice-of-the-u-s-a"),
        ("ער", "ער"),
        ("חברה ער", "חברה-ער"),
        ('ע"ר', "ער"),
    ],
)
def test_what_may_be_a_part_of_the_name_stays(name: str, key: str) -> None:
    assert organization_key(name) == key


@pytest.mark.parametrize(
    "names",
    [
        ("Foo & Co", "Foo and Co", "Foo + Co.", "Foo AND Co. Ltd", "Foo & Co. KG"),
        ("AT&T", "AT & T", "AT and T Inc."),
        ("Marks & Spencer", "Marks and Spencer plc"),
        ("דולצ'ה & גבאנה", "דולצ׳ה ו-גבאנה", "דולצ'ה ו גבאנה בע\"מ"),
        ("ג'ונסון & ג'ונסון", "ג'ונסון אנד ג'ונסון"),
        ("Nestlé", "NESTLE", "Nestle\u0301 S.A.", "Nest\u200blé"),
    ],
)
def test_the_word_for_an_ampersand_makes_no_other_organization(names: tuple[str, ...]) -> None:
    assert len({*map(organization_key, names)}) == 1


@pytest.mark.parametrize(
    "names",
    [
        ("וולט", "ולט"),
        ("And Co", "Co"),
        ("News Corp", "News of the World"),
        ("Foo & Co", "Foo"),
        ("Acme Israel Ltd", "Acme"),
    ],
)
def test_other_names_have_other_keys(names: tuple[str, str]) -> None:
    one, other = names
    assert organization_key(one) != organization_key(other)


@pytest.mark.parametrize(("name", "expected"), [("Inc.", True), ("SA", True), ("Acme", False), ("", False)])
def test_a_legal_form_by_itself_is_recognized(name: str, expected: bool) -> None:
    assert is_legal_form(name) is expected


def test_the_legal_form_is_left_out_of_a_name_as_written() -> None:
    assert without_legal_form("Acme, Inc.") == "Acme"
    assert without_legal_form("Inc.") == "Inc."


def test_a_name_of_many_legal_forms_loses_no_more_than_its_last_words() -> None:
    hostile = "Acme" + " S.A." * 40
    assert without_legal_form(hostile) == "Acme" + " S.A." * 32


@pytest.mark.no_cover
def test_no_two_organizations_of_the_shipped_incidents_fall_together() -> None:
    files = [*(seeds_dir() / "incidents").glob("*.yaml"), *(seeds_dir() / "collections").glob("*/*.yaml")]
    names = defaultdict(set)
    for file in files:
        content = read_yaml(file.read_text("utf-8"))
        for incident in content if isinstance(content, list) else [content]:
            if "organization" in incident:
                names[organization_key(incident["organization"])].add(name_key(incident["organization"]))
    assert len(names) > 100
    assert [spellings for spellings in names.values() if len(spellings) > 1] == []
