"""The API through a client that openapi-python-client generates from openapi.yaml, with default options."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.support.api import REPOSITORY
from tests.support.incidents import FULL_INCIDENT

pytestmark = pytest.mark.slow

_PACKAGE = "brand_postmortems_client"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The generated package, with all its modules imported."""
    folder = tmp_path_factory.mktemp("python-client") / "generated"
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--output-path", str(folder)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # it runs ruff
    done = subprocess.run(
        [*command, "--path", str(REPOSITORY / "openapi.yaml")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # It knows JSON and plain text: the Atom feed is left to feed readers, calendars
    # to `kb check` and exports to `kb export`, or both to curl.
    warnings = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("WARNING")]
    assert warnings == [
        "WARNING parsing GET /api/v1/changes.atom within changes.",
        "WARNING parsing POST /api/v1/checks/batch within checks.",
        "WARNING parsing POST /api/v1/checks/batch.csv within checks. Endpoint will not be generated.",
        "WARNING parsing GET /api/v1/export within export.",
        "WARNING parsing GET /api/v1/export.parquet.zip within export.",
        "WARNING parsing GET /api/v1/export.zip within export.",
        "WARNING parsing GET /api/v1/guards/{guard}/offers.yaml within guard_offers.",
    ]
    sys.path.insert(0, str(folder))
    package = importlib.import_module(_PACKAGE)
    for module in pkgutil.walk_packages(package.__path__, f"{_PACKAGE}."):
        importlib.import_module(module.name)
    yield package
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith(_PACKAGE)]:
        del sys.modules[name]


class GeneratedClient:
    """Calls operations of the generated client by name."""

    def __init__(self, package: ModuleType, service: Service) -> None:
        self.models: Any = sys.modules[f"{_PACKAGE}.models"]
        self._package = package
        self._client = package.AuthenticatedClient(base_url=service.url, token=service.token)

    def call(self, operation: str, *arguments: Any, **options: Any) -> Any:
        """The whole response of an operation, such as `incidents.get_incident`."""
        module = sys.modules[f"{_PACKAGE}.api.{operation}"]
        return module.sync_detailed(*arguments, client=self._client, **options)


@pytest.fixture
def client(package: ModuleType, service: Service) -> GeneratedClient:
    return GeneratedClient(package, service)


def _changed(before: Any, after: Any) -> dict[str, Any]:
    old, new = before.to_dict(), after.to_dict()
    return {name: value for name, value in new.items() if old.get(name) != value}


def test_a_patch_of_one_field_leaves_all_others(client: GeneratedClient) -> None:
    body = client.models.IncidentInput.from_dict({**FULL_INCIDENT, "kind": "near_miss"})
    created = client.call("incidents.create_incident", body=body).parsed
    for field, value in {"severity": 4, "kind": client.models.IncidentPatchKind.INCIDENT}.items():
        read = client.call("incidents.get_incident", created.id)
        patch = client.models.IncidentPatch(**{field: value})
        assert patch.to_dict() == {field: value}
        done = client.call("incidents.update_incident", created.id, body=patch, if_match=read.headers["ETag"])
        assert _changed(read.parsed, done.parsed).keys() - {"notes"} == {field, "version", "updated_at"}
    stored = client.call("incidents.get_incident", created.id).parsed.to_dict()
    assert stored["visibility"] == "team"
    for field in ("title", "summary", "cause", "outcome", "why_failure", "alternative", "audience"):
        assert stored[field] == FULL_INCIDENT[field]


def test_a_patch_of_a_user_or_an_action_leaves_all_other_fields(client: GeneratedClient) -> None:
    models = client.models
    incident = client.call("incidents.list_incidents", limit=1).parsed.items[0]
    action = client.call(
        "actions.create_action",
        incident.id,
        body=models.FollowUpInput(title="רשימת בדיקה", owner="Dana", due_on=None),
    )
    patched = client.call(
        "actions.update_action",
        action.parsed.id,
        body=models.FollowUpPatch(owner="דנה"),
        if_match=action.headers["ETag"],
    )
    assert _changed(action.parsed, patched.parsed).keys() == {"owner", "version", "updated_at"}
    user = client.call(
        "accounts.create_user",
        body=models.UserInput(email="dana@example.com", name="Dana", language="he", site_admin=True),
    )
    renamed = client.call(
        "accounts.update_user",
        user.parsed.id,
        body=models.UserPatch(name="Dana Levi"),
        if_match=user.headers["ETag"],
    )
    assert _changed(user.parsed, renamed.parsed).keys() == {"name", "version"}


def test_lists_search_and_trends_are_typed_and_take_hebrew(client: GeneratedClient) -> None:
    page = client.call("incidents.list_incidents", category=["internal-communication"], limit=50).parsed
    assert "McDonald's" in {card.organization for card in page.items}
    both = client.call("incidents.list_incidents", platform=["twitter", "facebook"]).parsed
    assert len(both.items) > len(client.call("incidents.list_incidents", platform=["facebook"]).parsed.items)
    found = client.call("search.search", q="טיוטה שפורסמה בטעות", lang="he", explain=True).parsed
    assert found.items[0].incident.organization == "McDonald's"
    assert found.items[0].incident.language == "he"
    assert found.items[0].explanation.terms
    by_category = [client.models.GetTrendsGroupByItem.CATEGORY]
    trends = client.call("trends.get_trends", group_by=by_category).parsed
    assert sum(row.incidents for row in trends.rows) >= 6
    table = client.call(
        "trends.get_trends_csv", group_by=[client.models.GetTrendsCsvGroupByItem.CATEGORY]
    ).parsed
    assert table.startswith("bucket_start,")
    assert client.call("incidents.list_incidents_csv", limit=1).parsed.startswith("id,")
    assert client.call("forms.get_template_markdown", "incident", lang="he").parsed.startswith("#")


def test_an_error_is_a_typed_problem(client: GeneratedClient) -> None:
    body = client.models.IncidentInput(category="tone-deff", organization="Acme", title="כותרת")
    response = client.call("incidents.create_incident", body=body)
    assert response.status_code == 422
    assert isinstance(response.parsed, client.models.Problem)
    assert response.parsed.errors[0].pointer == "/category"
    assert "tone-deaf" in response.parsed.errors[0].detail
    patch = client.models.IncidentPatch(severity=2)
    stale = client.call("incidents.update_incident", 1, body=patch, if_match='"999"')
    assert (stale.status_code, stale.parsed.status) == (412, 412)
