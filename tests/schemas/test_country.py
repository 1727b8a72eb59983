"""Countries in requests."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from kb.schemas.country import Country


@pytest.mark.parametrize(
    ("text", "code"), [("il", "IL"), ("US", "US"), ("UK", "GB"), ("DD", "DE"), ("xk", "XK"), ("AQ", "AQ")]
)
def test_a_country_is_read_by_its_code_in_any_case_and_its_former_one(text: str, code: str) -> None:
    assert Country().deserialize(text) == code


@pytest.mark.parametrize("text", ["XX", "zz", "AA", "QQ", "EU", "UN", "11", "", "ISR", "Israel", "I1", "ιλ"])
def test_what_is_no_country_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValidationError, match="Write the two-letter code of each, such as US"):
        Country().deserialize(text)
