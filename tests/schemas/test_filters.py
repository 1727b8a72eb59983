"""The schemas of query parameters: filters, drill-down and pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import ValidationError

from kb.domain.filters import GroupFilter, Loss
from kb.schemas.filters import DrillDownSchema, FilterSchema
from kb.schemas.pagination import PageQuerySchema


def test_values_of_a_filter_are_separated_by_commas_and_empty_ones_are_dropped() -> None:
    loaded = FilterSchema().load({"platform": "twitter,,facebook", "severity": "1,5"})
    assert (list(loaded["platform"]), list(loaded["severity"])) == (["twitter", "facebook"], [1, 5])


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"severity_min": "6"}, "severity_min"),
        ({"severity": "1,6"}, "severity"),
        ({"status": "secret"}, "status"),
        ({"kind": "disaster"}, "kind"),
        ({"language": "klingonese"}, "language"),
        ({"from": "2018-02-30"}, "from"),
        ({"from": "2019", "to": "2018"}, "to"),
        ({"platform": ",".join(["twitter"] * 51)}, "platform"),
        ({"platfrom": "twitter"}, "platfrom"),
    ],
)
def test_an_invalid_filter_is_named(parameters: dict[str, str], name: str) -> None:
    with pytest.raises(ValidationError) as error:
        FilterSchema().load(parameters)
    assert error.value.messages_dict.keys() == {name}


@pytest.mark.parametrize(
    ("parameters", "advice"),
    [
        ({"severity_min": "4", "severity_max": "2"}, "Raise it, or lower `severity_min`."),
        ({"from": "2019", "to": "2018"}, "Choose a later day, or an earlier `from`."),
    ],
)
def test_a_range_whose_end_comes_before_its_beginning_is_refused_with_what_to_do(
    parameters: dict[str, str], advice: str
) -> None:
    with pytest.raises(ValidationError, match=advice):
        FilterSchema().load(parameters)


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("category:offensive|tone-deaf", GroupFilter("category", ("offensive", "tone-deaf"), negated=False)),
        ("-platform:tiktok", GroupFilter("platform", ("tiktok",), negated=True)),
        ("severity:~unknown", GroupFilter("severity", ("~unknown",), negated=False)),
        ("severity:none", GroupFilter("severity", ("~unknown",), negated=False)),  # as version 0.2 wrote it
        ("organization:%6Eone", GroupFilter("organization", ("%6Eone",), negated=False)),
    ],
)
def test_a_group_is_a_dimension_and_its_keys(text: str, group: GroupFilter) -> None:
    assert list(DrillDownSchema().load({"group": [text]})["group"]) == [group]


@pytest.mark.parametrize("text", ["category", "mood:x", "kind:bogus", "category:", "theme:" + "x|" * 600])
def test_an_invalid_group_is_rejected(text: str) -> None:
    with pytest.raises(ValidationError):
        DrillDownSchema().load({"group": [text]})


@pytest.mark.parametrize(
    ("text", "loss"),
    [("usd", Loss("USD", alleged=False)), ("EUR:alleged", Loss("EUR", alleged=True))],
)
def test_a_loss_is_a_currency_that_may_be_alleged(text: str, loss: Loss) -> None:
    assert list(DrillDownSchema().load({"lost": text})["lost"]) == [loss]


def test_moments_are_converted_to_utc() -> None:
    loaded = DrillDownSchema().load({"published_from": "2020-01-01T00:00:00+02:00"})
    assert loaded["published_from"] == datetime(2019, 12, 31, 22, tzinfo=UTC)
    assert loaded["published_from"].tzinfo is UTC


@pytest.mark.parametrize("parameters", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"limit": "1.5"}])
def test_a_page_has_a_bounded_size(parameters: dict[str, Any]) -> None:
    assert PageQuerySchema().load({"limit": "100"})["limit"] == 100
    with pytest.raises(ValidationError):
        PageQuerySchema().load(parameters)
