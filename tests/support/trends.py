"""Reports of trends over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.api import Api


def rows(api: Api, **query: Any) -> list[dict[str, Any]]:
    """The rows of a report. `from_` stands for the parameter `from`."""
    response = api.get("/trends", **{name.rstrip("_"): value for name, value in query.items()})
    assert response.status_code == 200, response.text
    report_rows: list[dict[str, Any]] = response.get_json()["rows"]
    return report_rows


def values(api: Api, **query: Any) -> dict[tuple[str, str | None], Any]:
    """The values of a report by bucket and group."""
    return {(row["bucket"], row["group"]): row["value"] for row in rows(api, **query)}


def listed(api: Api, url: str | None) -> list[int]:
    """The ids of the incidents that the URL of a row leads to."""
    assert url is not None
    path, _, query = url.partition("?")
    page = api.request("GET", path.removeprefix("/api/v1"), query_string=f"{query}&limit=100").get_json()
    return [item["id"] for item in page["items"]]
