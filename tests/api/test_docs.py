"""The documentation that the service itself serves."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from kb.yaml_text import read_yaml
from tests.support.api import REPOSITORY
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


def test_links_on_the_page_resolve(page: str, app: Flask) -> None:
    for target in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{target}"' in page
    for path in re.findall(r'href="(/[^"]+)"', page):
        assert app.test_client().get(path).status_code == 200


def test_the_page_needs_neither_scripts_nor_network(page: str, app: Flask) -> None:
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert "style=" not in page
    policy = app.test_client().get("/docs").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy


@pytest.mark.parametrize("path", ["/", "/api/v1"])
def test_a_root_leads_to_the_documentation(app: Flask, path: str) -> None:
    response = app.test_client().get(path)
    assert (response.status_code, response.headers["Location"]) == (302, "/docs")
