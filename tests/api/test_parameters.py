"""Parameters that are not known: those of dashboards are ignored, others are named."""

from __future__ import annotations

import pytest

from tests.support.api import Api
from tests.support.samples import SAMPLE_REQUESTS, SampleData


def test_parameters_that_begin_with_an_underscore_are_ignored_everywhere(admin: Api) -> None:
    data = SampleData(admin)
    admin.post("/teams", {"key": "north"})
    for request in SAMPLE_REQUESTS.values():
        method, path, _ = request(data, admin)
        if method == "GET":
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


def test_links_to_further_pages_leave_out_what_was_ignored(reader: Api) -> None:
    link = reader.get("/incidents", limit=1, _="1700000000000").headers["Link"]
    assert "limit=1&cursor=" in link
    assert "_=" not in link
