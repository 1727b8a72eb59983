"""The documentation that the service itself serves."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask

from kb.api.docs_page import page_of
from kb.yaml_text import read_yaml
from tests.support.api import REPOSITORY, Api
from tests.support.contract import openapi_document


def test_the_committed_openapi_document_is_the_one_served(app: Flask) -> None:
    committed = openapi_document(REPOSITORY / "openapi.yaml")
    for path in ("/openapi.yaml", "/api/v1/openapi.yaml"):
        response = app.test_client().get(path)
        assert response.mimetype == "application/yaml"
        assert read_yaml(response.text) == committed


@pytest.fixture
def page(app: Flask) -> str:
    return app.test_client().get("/docs").text


def test_the_page_documents_every_operation_and_schema(page: str) -> None:
    document = openapi_document(REPOSITORY / "openapi.yaml")
    for operations in document["paths"].values():
        for method in operations.keys() & {"get", "post", "put", "patch", "delete"}:
            assert f'id="{operations[method]["operationId"]}"' in page
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in page


def test_operations_stand_below_their_tags_with_summary_example_and_curl(page: str) -> None:
    document = openapi_document(REPOSITORY / "openapi.yaml")
    position = [page.index(f'id="{tag["name"]}"') for tag in document["tags"]]
    assert position == sorted(position)
    assert page.index('id="review"') < page.index('id="create_event"') < page.index('id="history"')
    text = html.unescape(page)
    assert 'curl -X PATCH "$KB/incidents/3"' in text
    assert "-H 'If-Match: \"2\"'" in text
    assert '"title": "טיוטה לבלאק פריידי שפורסמה בטעות"' in text
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                assert operation["summary"] in re.sub(r"</?code>", "`", text)


def test_the_curl_lines_that_read_what_is_public_work(reader: Api) -> None:
    lines = [
        entry.curl
        for group in page_of(openapi_document(REPOSITORY / "openapi.yaml")).groups
        for entry in group.entries
        if entry.method == "GET" and "TOKEN" not in entry.curl and "{" not in entry.curl
    ]
    assert len(lines) > 10
    for line in lines:
        (path,) = re.fullmatch(r'curl "\$KB([^"]+)"', line).groups()  # type: ignore[union-attr]
        if "/comments/" not in path:
            assert reader.request("GET", path).status_code == 200, path


def test_the_page_names_the_address_at_which_it_is_read(app: Flask) -> None:
    for address in ("http://one.example", "http://two.example"):
        assert f"KB={address}/api/v1" in app.test_client().get("/docs", base_url=address).text


def test_an_address_on_the_page_is_escaped(app: Flask) -> None:
    response = app.test_client().get("/docs", headers={"Host": 'x"><script>'})
    assert "<script" not in response.text


def test_the_page_fits_a_phone_without_scrolling_sideways(page: str, app: Flask) -> None:
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page
    sheet = app.test_client().get("/docs/static/docs.css").text
    assert "overflow-wrap: anywhere" in sheet
    assert "nowrap" not in sheet


def test_links_on_the_page_resolve(page: str, app: Flask) -> None:
    targets, paths = re.findall(r'href="#([^"]+)"', page), re.findall(r'href="(/[^"]+)"', page)
    assert targets
    assert paths
    for target in targets:
        assert f'id="{target}"' in page
    for path in paths:
        assert app.test_client().get(path).status_code == 200


def test_the_page_needs_neither_scripts_nor_network(page: str, app: Flask) -> None:
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert "style=" not in page
    policy = app.test_client().get("/docs").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy


def test_the_root_of_the_api_leads_to_the_documentation(app: Flask) -> None:
    response = app.test_client().get("/api/v1")
    assert (response.status_code, response.headers["Location"]) == (302, "/docs")
