"""The documentation matches the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import click
from marshmallow.fields import List

from kb.cli import main
from kb.config import Settings
from kb.domain.sorting import SortField
from kb.schemas.changes import FeedQuerySchema
from kb.schemas.filters import ListQuerySchema
from kb.schemas.search import SearchQuerySchema
from kb.schemas.trends import TrendsQuerySchema
from kb.web.error_map import STATUSES
from tests.support.api import REPOSITORY
from tests.support.contract import openapi_document

_PATHS = [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").rglob("*.md"))]
PAGES = {path: path.read_text("utf-8") for path in _PATHS}
EVERYTHING = "\n".join(PAGES.values())


def test_exactly_the_settings_are_documented_with_their_defaults() -> None:
    text = (REPOSITORY / "docs/configuration.md").read_text("utf-8")
    documented = dict(re.findall(r"^\| `KB_(\w+)` \| (\S+) \|", text, re.MULTILINE))
    defaults = {
        field.name.upper(): f"`{getattr(Settings(), field.name)}`"
        if getattr(Settings(), field.name)
        else "(empty)"
        for field in fields(Settings)
    }
    assert documented == defaults


def _options(command: click.Command, name: str) -> Iterator[tuple[str, list[str]]]:
    """The long names of each option of a command and of those below it, with the command."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from _options(below, f"{name} {below.name}")
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            yield name, [each for each in option.opts if each.startswith("--")]


def test_every_option_of_the_command_line_is_documented() -> None:
    missing = [
        (command, names)
        for command, names in _options(main, "kb")
        if not any(re.search(rf"{name}(?![\w-])", EVERYTHING) for name in names)
    ]
    assert missing == []


def test_every_error_status_is_documented() -> None:
    text = (REPOSITORY / "docs/api.md").read_text("utf-8").partition("## Errors")[2]
    for status in STATUSES.values():
        assert re.search(rf"^\| [\d, ]*{int(status)}", text, re.MULTILINE), status


SCHEMAS = {
    "/incidents": ListQuerySchema(),
    "/search": SearchQuerySchema(),
    "/trends": TrendsQuerySchema(),
    "/changes.atom": FeedQuerySchema(),
}
"""What reads the query of each column of the table of parameters."""


def test_the_table_of_filters_orders_and_pages_is_what_the_endpoints_take() -> None:
    text = (REPOSITORY / "docs/api.md").read_text("utf-8").partition("<!-- parameters -->\n")[2]
    table, _, rest = text.partition("\n\n")
    head, _, *lines = [re.split(r" ?(?<!\\)\| ?", line)[1:-1] for line in table.splitlines()]
    assert [name.strip("`") for name in head[1:5]] == [*SCHEMAS]
    rows = {name: row for row in lines for name in re.findall(r"`(\w+)`", row[0])}
    beside = set(re.findall(r"`(\w+)`", rest.partition("Besides these")[2].partition("\n\n")[0]))
    for column, (path, schema) in enumerate(SCHEMAS.items(), 1):
        taken = {field.data_key or name: field for name, field in schema.fields.items()}
        taken = {name: field for name, field in taken.items() if name != "format"}  # a path of its own
        documented = {name for name, row in rows.items() if row[column] == "yes"}
        assert documented == taken.keys() - beside, path
        lists = {name for name in documented if rows[name][5] in ("either", "all")}
        assert lists == {name for name in documented if isinstance(taken[name], List)}, path
    document = openapi_document(REPOSITORY / "openapi.yaml")["paths"]
    for path in ("/incidents", "/trends"):
        whole, export = (document[f"/api/v1{path}{end}"]["get"]["parameters"] for end in ("", ".csv"))
        assert {each["name"] for each in whole} == {each["name"] for each in export}
    orders = set(re.findall(r"`-?(\w+)`", text.partition("`sort` orders")[2].partition("with `-`")[0]))
    assert {*SortField} <= orders


def test_links_between_pages_resolve() -> None:
    broken = [
        (page.name, target)
        for page, text in PAGES.items()
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text)
        if not (page.parent / target).exists()
    ]
    assert broken == []


@cache
def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    without_code = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", without_code, re.MULTILINE)
    names = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w -]", "", name.strip().lower()).replace(" ", "-") for name in names}


def test_links_to_a_section_name_one_of_its_page() -> None:
    for page, text in PAGES.items():
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", text):
            linked = (page.parent / target if target else page).resolve()
            if linked.suffix == ".md":
                assert anchor in anchors(linked), f"{page.name}: {target}#{anchor}"


def test_documented_commands_exist() -> None:
    usages = re.findall(r"(?:^|[`/(])kb ((?:[a-z]+(?:-[a-z]+)* ?){1,2})", EVERYTHING, re.MULTILINE)
    assert len(usages) > 8
    for usage in usages:
        command: click.Command = main
        for word in usage.split():
            if not isinstance(command, click.Group):
                break
            assert word in command.commands, f"kb {usage}"
            command = command.commands[word]


def test_documented_endpoints_exist() -> None:
    document = openapi_document(REPOSITORY / "openapi.yaml")
    patterns = [re.sub(r"\{\w+\}", "[^/]+", path).removeprefix("/api/v1") for path in document["paths"]]
    paths = re.findall(
        r"(?:GET|POST|PUT|PATCH|DELETE|\$KB|api/v1) ?(/[a-z]+[\w/-]*)", EVERYTHING.replace("$ID", "7")
    )
    assert len(paths) > 8
    for path in paths:
        assert any(re.fullmatch(pattern, path) for pattern in patterns), path


def test_every_filter_is_documented() -> None:
    document = openapi_document(REPOSITORY / "openapi.yaml")
    parameters = document["paths"]["/api/v1/incidents"]["get"]["parameters"]
    text = (REPOSITORY / "docs/api.md").read_text("utf-8")
    for parameter in parameters:
        assert f"`{parameter['name']}`" in text or f"{parameter['name']}=" in text, parameter["name"]


def test_the_readme_has_the_commands_run_by_the_gate() -> None:
    text = (REPOSITORY / "README.md").read_text("utf-8")
    for name, ending in (("serve", "kb serve"), ("test", "pytest")):
        (command,) = re.findall(rf"<!-- {name} -->\n```sh\n(.+)\n```\n", text)
        assert command.endswith(ending)


def test_the_readme_names_no_incident_by_a_number_that_the_public_cases_may_have() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (REPOSITORY / "README.md").read_text("utf-8"), re.DOTALL)
    assert [block for block in blocks if re.search(r"/incidents/\d", block)] == []


def test_files_mentioned_on_a_page_exist() -> None:
    modules = {"app.py", *(path.name for path in (REPOSITORY / "kb").rglob("*.py"))}
    for page, text in PAGES.items():
        paths = set(re.findall(r"`((?:kb|tests|docs|bench|scripts|seeds)/[\w/.-]+)`", text))
        assert {path for path in paths if not (REPOSITORY / path).exists()} == set(), page.name
        assert set(re.findall(r"`(\w+\.py)`", text)) <= modules, page.name


def test_every_promise_names_its_last_figure_and_the_tests_that_prove_it() -> None:
    text = (REPOSITORY / "docs" / "reliability.md").read_text("utf-8")
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line[:2] == "| "
    ]
    promises = {int(row[0]): row for row in rows if row[0].isdigit()}
    assert [*promises] == [*range(1, len(promises) + 1)]
    assert all(cell for row in rows[1:] for cell in row)
    assert rows[0] == ["", "promise", "last figure", "command", "proven by"]
    for promise, _, _, _, proof in promises.values():
        path = ""
        for reference in re.findall(r"`((?:tests/[\w/]+\.py)?(?:::\w+)*)`", proof):
            path, _, names = (
                reference.partition("::") if reference.startswith("tests") else (path, "", reference)
            )
            source = (REPOSITORY / path).read_text("utf-8")
            missing = [
                name for name in names.split("::") if name and not re.search(rf"(def|class) {name}\b", source)
            ]
            assert not missing, (promise, path)
        assert path, promise
