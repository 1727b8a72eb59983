"""The schemas of incidents that are filed, edited, translated and imported."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import Schema, ValidationError

from kb.domain.dates import DatePrecision
from kb.schemas.incident_input import (
    IncidentImportSchema,
    IncidentInputSchema,
    IncidentPatchSchema,
    TranslationInputSchema,
)
from kb.schemas.pointers import field_errors
from tests.support.incidents import HEBREW, incident
from tests.support.invalid_incidents import INVALID_VALUES


def errors_of(schema: Schema, body: dict[str, Any]) -> dict[str, str]:
    """The messages by pointer."""
    with pytest.raises(ValidationError) as error:
        schema.load(body)
    return {each.pointer: each.detail for each in field_errors(error.value.messages)}


@pytest.mark.parametrize(("field", "value", "pointer", "message"), INVALID_VALUES)
def test_an_invalid_value_is_reported_at_its_pointer(
    field: str, value: Any, pointer: str, message: str
) -> None:
    errors = errors_of(IncidentInputSchema(), {**incident(), field: value})
    assert message in errors[pointer]


def test_every_error_is_reported_at_once() -> None:
    body = incident(title=None, severity=9, lessons=[{"text": "One."}, {}], extra=1)
    assert errors_of(IncidentInputSchema(), body).keys() == {
        "/title", "/severity", "/lessons/1/text", "/extra",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("occurred_on", "precision"),
    [("2018", DatePrecision.YEAR), ("2018-05", DatePrecision.MONTH), ("2018-05-17", DatePrecision.DAY)],
)
def test_a_partial_date_is_loaded_with_its_precision(occurred_on: str, precision: DatePrecision) -> None:
    assert IncidentInputSchema().load(incident(occurred_on=occurred_on))["occurred_on"].precision == precision


def test_language_tags_are_canonical() -> None:
    assert IncidentInputSchema().load(incident(language="iw"))["language"] == "he"


def test_a_patch_requires_no_field_and_loads_only_what_it_has() -> None:
    assert IncidentPatchSchema().load({"severity": 3}) == {"severity": 3}
    assert errors_of(IncidentPatchSchema(), {"title": ""}).keys() == {"/title"}


def test_a_lesson_has_an_id_only_in_a_patch() -> None:
    lessons = [{"id": 4, "text": "Look twice."}]
    assert errors_of(IncidentInputSchema(), incident(lessons=lessons)).keys() == {"/lessons/0/id"}
    assert IncidentPatchSchema().load({"lessons": lessons})["lessons"] == lessons


def test_a_translation_has_only_texts() -> None:
    assert TranslationInputSchema().load(HEBREW)["title"] == HEBREW["title"]
    assert errors_of(TranslationInputSchema(), {**HEBREW, "severity": 3}).keys() == {"/severity"}


def test_an_imported_incident_may_bring_its_translations() -> None:
    body = incident(external_id="a-1", translations={"iw": HEBREW})
    loaded = IncidentImportSchema().load(body)
    assert (loaded["external_id"], [*loaded["translations"]]) == ("a-1", ["he"])
    assert errors_of(IncidentInputSchema(), body).keys() == {"/external_id", "/translations"}
