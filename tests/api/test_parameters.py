"""Parameters that are not known: those of dashboards are ignored, others are named."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

import pytest

from tests.support.api import Api
from tests.support.samples import SAMPLE_REQUESTS, SampleData, names_of


@pytest.mark.no_cover
def test_parameters_that_begin_with_an_underscore_are_ignored_everywhere(admin: Api) -> None:
    data = SampleData(admin)
    admin.post("/teams", {"key": "north"})
    for name in names_of(admin.client.application, "GET"):
        _, path, _ = SAMPLE_REQUESTS[name](data, admin)
        url = f"{path}{'&' if '?' in path else '?'}_=1700000000000&_dc=1"
        assert admin.request("GET", url).status_code == admin.request("GET", path).status_code, path


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/search?platfrom=tiktok", "Did you mean `platform`?"),
        ("/incidents?severitymin=2", "Did you mean `severity_min`?"),
        ("/changes?zzz=1", "There are: format, limit, since."),
    ],
)
def test_another_unknown_parameter_is_an_error_with_a_hint(reader: Api, path: str, hint: str) -> None:
    refused = reader.request("GET", path)
    assert refused.status_code == 422
    (error,) = refused.get_json()["errors"]
    assert error == {
        "parameter": path.partition("?")[2].partition("=")[0],
        "detail": f"Unknown parameter. {hint}",
    }


@pytest.mark.parametrize(
    "path", ["/trends?from=2018&from=2017", "/incidents?limit=1&limit=2", "/search?q=a&q=b"]
)
def test_a_parameter_with_one_value_cannot_be_sent_twice(reader: Api, path: str) -> None:
    """One of them would be ignored in silence."""
    for _ in range(2):
        refused = reader.request("GET", path)
        assert refused.status_code == 422
        name = path.partition("?")[2].partition("=")[0]
        assert refused.get_json()["errors"] == [{"parameter": name, "detail": "Send this parameter once."}]


def test_a_list_may_be_sent_in_parts_and_with_spaces(reader: Api) -> None:
    expected = reader.get(
        "/incidents", category="tone-deaf,wrong-account", status="published,draft"
    ).get_json()
    assert expected["items"]
    for query in (
        "category=tone-deaf&category=wrong-account&status=published,draft",
        "category=tone-deaf,%20wrong-account&status=published,%20draft",
        "category=%20tone-deaf+,,wrong-account,&status=%20,published%20,draft",
    ):
        assert reader.request("GET", f"/incidents?{query}").get_json() == expected
    rows = reader.request("GET", "/trends.csv?group_by=category,%20platform&columns=value,%20group")
    assert rows.get_data(as_text=True).startswith("value,group")


ALTERNATIVES = {
    "category": ("tone-deaf", "wrong-account"), "failure_mode": ("approval-miss", "automation-error"),
    "platform": ("twitter", "instagram"), "industry": ("retail", "gaming"),
    "theme": ("politics", "sexual-violence"),
    "response": ("deleted", "apology"), "organization": ("snapchat", "McDonald's"), "tag": ("one", "two"),
    "collection": ("one", "two"), "kind": ("incident", "near_miss"), "status": ("published", "draft"),
    "language": ("he", "fr"), "severity": ("2", "3"),
}  # fmt: skip
"""Two values of each filter that takes several."""


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/incidents", r'"id": ?\d+'),
        ("/search", r'"id": ?\d+'),
        ("/trends", r'"value": ?[\d.]+'),
        ("/changes.atom", "<entry.*?</id>"),
        ("/incidents.csv?columns=id", ".+"),
        ("/trends.csv?columns=value", ".+"),
    ],
)
def test_what_a_filter_takes_it_takes_everywhere_in_either_form(reader: Api, path: str, content: str) -> None:
    path, _, query = path.partition("?")
    for name, (one, other) in ALTERNATIVES.items():
        found = []
        for values in ([f"{one}, {other}"], [one, other]):
            parameters = urlencode([*parse_qsl(query), *((name, value) for value in values)])
            response = reader.request("GET", f"{path}?{parameters}")
            assert response.status_code == 200, response.text
            found.append(re.findall(content, response.text, re.DOTALL))
        assert found[0] == found[1], name


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("/incidents.csv?raw=maybe", "Write true or false."),
        ("/incidents?limit=many", "Write a whole number."),
        ("/incidents?severity=high", "Write a whole number."),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_advice(reader: Api, path: str, advice: str) -> None:
    (error,) = reader.request("GET", path).get_json()["errors"]
    assert error["detail"] == advice


def test_links_to_further_pages_leave_out_what_was_ignored(reader: Api) -> None:
    link = reader.get("/incidents", limit=1, _="1700000000000").headers["Link"]
    assert "limit=1&cursor=" in link
    assert "_=" not in link


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/trends?group_by=catgory", "category"),
        ("/trends?group=catgory:offensive", "category"),
        ("/trends?group=kind:near_mis", "near_miss"),
        ("/trends?interval=yaer", "year"),
        ("/search?q=a&sort=-titel", "-title"),
        ("/search?q=a&facets=category,sevrity", "severity"),
        ("/incidents?format=csv&columns=id,titel", "title"),
        ("/export.csv?table=leson", "lessons"),
    ],
)
def test_a_value_that_is_nearly_one_of_the_choices_is_answered_with_it(
    anonymous: Api, path: str, nearest: str
) -> None:
    response = anonymous.request("GET", path)
    assert response.status_code == 422
    (error,) = response.get_json()["errors"]
    assert error["detail"].endswith(f" Did you mean '{nearest}'?")
