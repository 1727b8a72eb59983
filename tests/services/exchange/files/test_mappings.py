"""What mappings say, and what is wrong in them."""

from __future__ import annotations

import pytest

from kb.errors import InvalidInput, MalformedInput
from tests.services.exchange.files.conftest import Read


def test_a_mapping_may_fill_fields_whose_cells_are_empty(read: Read) -> None:
    mapping = (
        "columns: {Brand: organization, Copy: title, Tags: tags}\n"
        "constants: {category: offensive, severity: 2, tags: [imported, 'black, friday'], industry: null,"
        " translations.he.title: x}"
    )
    filled, kept = read("Brand,Copy,Tags\nAcme,a,\nAcme,b,own\n", mapping)
    assert (filled.value["severity"], filled.value["tags"]) == (2, ["imported", "black friday"])
    assert kept.value["tags"] == ["own"]
    assert not {"industry", "translations"} & filled.value.keys()


def test_a_constant_that_means_nothing_is_an_error_of_each_row(read: Read) -> None:
    mapping = "columns: {Brand: organization, Copy: title}\nconstants: {category: offensive, severity: awful}"
    rows = read("Brand,Copy\nAcme,a\nAcme,b\n", mapping)
    assert [[each.pointer for each in row.problems] for row in rows] == [["/severity"], ["/severity"]]


def test_a_mapping_of_no_field_is_refused(read: Read) -> None:
    with pytest.raises(MalformedInput, match=r"names no field for any column\. The columns are: Brand, Copy"):
        read("Brand,Copy\nAcme,a\n", "columns: {Brand: null}")


@pytest.mark.parametrize("mapping", ["columns: [", "columns: {A: title}\ncolumns: {B: title}"])
def test_a_mapping_that_is_not_yaml_is_refused(read: Read, mapping: str) -> None:
    with pytest.raises(MalformedInput, match="mapping is not readable YAML"):
        read("A\nx\n", mapping)


def test_a_mapping_with_very_many_values_is_refused_before_all_are_read(read: Read) -> None:
    with pytest.raises(MalformedInput, match="it has more than 20,000 values"):
        read("A\nx\n", "columns:" + "\n- " * 20_000)


def test_a_field_that_resembles_none_is_refused_with_all_there_are(read: Read) -> None:
    with pytest.raises(InvalidInput) as caught:
        read("A\nx\n", "columns: {A: qqqqqqqq}")
    assert "There are: title, summary" in str(caught.value.errors[0].detail)
