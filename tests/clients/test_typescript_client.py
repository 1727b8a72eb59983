"""The API through types that openapi-typescript generates from openapi.yaml, with its default options."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.support.api import REPOSITORY
from tests.support.contract import openapi_document
from tests.support.incidents import FULL_INCIDENT

PACKAGES = REPOSITORY / "tests" / "clients" / "typescript"


def require_node() -> Path:
    """The folder of the npm packages. Skips the test where they are not installed (`make setup-node`)."""
    if shutil.which("node") is not None and (PACKAGES / "node_modules").is_dir():
        return PACKAGES / "node_modules"
    message = "Node or its packages are not installed: install Node 20 or newer, and run `make setup-node`"
    if os.environ.get("KB_TEST_NODE") == "required":
        pytest.fail(f"{message}; KB_TEST_NODE=required")
    pytest.skip(message)


def run_node(*command: str | Path, cwd: Path) -> str:
    """Run a command, and return its standard output. Fails with all output if the command does."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def story(service: Service, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `story.ts` saw, after it was compiled against the generated types."""
    modules = require_node()
    folder = tmp_path_factory.mktemp("typescript-client")
    for name in ("package.json", "tsconfig.json", "story.ts"):
        shutil.copy(PACKAGES / name, folder)
    (folder / "node_modules").symlink_to(modules)
    programs = modules / ".bin"
    document = REPOSITORY / "openapi.yaml"
    run_node(programs / "openapi-typescript", document, "--output", folder / "schema.d.ts", cwd=folder)
    run_node(programs / "tsc", cwd=folder)
    body = json.dumps({**FULL_INCIDENT, "kind": "near_miss"})
    seen: dict[str, Any] = json.loads(
        run_node("node", "story.js", service.url, service.token, body, cwd=folder)
    )
    return seen


def test_a_patch_of_one_field_leaves_all_others(story: dict[str, Any]) -> None:
    before, after = story["before"], story["after"]
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed == {"severity", "version", "updated_at"}
    assert (after["visibility"], after["kind"]) == ("team", "near_miss")


def test_a_draft_needs_three_fields_and_is_no_more_than_that(story: dict[str, Any]) -> None:
    draft = story["draft"]
    assert (draft["status"], draft["kind"], draft["language"]) == ("draft", "incident", "he")
    assert draft["severity"] is None


def test_lists_search_and_trends_are_typed_and_take_hebrew(story: dict[str, Any]) -> None:
    assert "McDonald's" in story["organizations"]
    assert (story["hit"]["organization"], story["hit"]["language"]) == ("McDonald's", "he")
    assert story["counted"] >= 6
    assert story["table"].startswith("bucket_start,")


def test_an_error_is_a_typed_problem(story: dict[str, Any]) -> None:
    assert (story["problem"]["status"], story["problem"]["title"]) == (412, "Precondition Failed")


def test_every_pattern_of_the_document_is_one_of_ecma_262(tmp_path: Path) -> None:
    require_node()
    document = json.dumps(openapi_document(REPOSITORY / "openapi.yaml"))
    patterns = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', document)
    assert '"^[A-Z]{3}$"' in patterns
    compile_all = f"for (const pattern of [{', '.join(patterns)}]) new RegExp(pattern, 'u')"
    run_node("node", "--eval", compile_all, cwd=tmp_path)
