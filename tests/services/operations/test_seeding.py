"""The seeds: six complete cases in two languages, loaded once, and never over an edit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml
from flask import Flask
from sqlalchemy import select

from kb.domain.incident import TEXT_FIELDS
from kb.domain.permissions import Role
from kb.domain.taxonomy import NAMESPACES
from kb.errors import InvalidInput
from kb.models import Incident, Namespace, Term, db
from kb.services.accounts import tokens
from kb.services.core import system_actors
from kb.services.operations import bootstrap, seeding
from kb.yaml_text import read_yaml
from tests.support.api import REPOSITORY, Api

SEEDS = REPOSITORY / "seeds"
CASES = sorted((SEEDS / "incidents").glob("*.yaml"))


@pytest.fixture
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        bootstrap.prepare()
        yield


def read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = read_yaml(path.read_text("utf-8"))
    return data


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_term_has_a_label_and_a_description_in_english_and_hebrew(namespace: str) -> None:
    data = read(SEEDS / "taxonomy" / f"{namespace}.yaml")
    for item in [data, *data["terms"]]:
        for texts in (item["label"], item["description"]):
            assert set(texts) == {"en", "he"}
            assert all(texts.values())


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_no_name_is_ambiguous_between_terms(namespace: str) -> None:
    terms = read(SEEDS / "taxonomy" / f"{namespace}.yaml")["terms"]
    names = [name.replace("_", "-") for term in terms for name in {term["key"], *(term.get("aliases") or [])}]
    assert len(names) == len(set(names))


def test_there_are_six_cases() -> None:
    assert len(CASES) == 6


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_case_is_complete_in_english_and_hebrew(path: Path) -> None:
    case = read(path)
    for texts in (case, case["translations"]["he"]):
        assert all(texts[field].strip() for field in TEXT_FIELDS)
        assert len(texts["lessons"]) >= 2
    assert len(case["lessons"]) == len(case["translations"]["he"]["lessons"])
    for field in ("sources", "responses", "failure_modes", "platforms", "industry", "severity", "confidence"):
        assert case[field], field


def test_the_loss_of_market_value_is_marked_alleged_with_its_source(reader: Api) -> None:
    (hit,) = reader.get("/incidents", platform="snapchat").get_json()["items"]
    impacts = reader.get(f"/incidents/{hit['id']}").get_json()["impacts"]
    assert [impact for impact in impacts if impact["kind"] == "market_value"] == [
        {
            "kind": "market_value",
            "amount": 800_000_000.0,
            "currency": "USD",
            "alleged": True,
            "source": "Vanity Fair",
        }
    ]


@pytest.mark.usefixtures("inside")
class TestLoading:
    def test_a_second_run_changes_nothing(self) -> None:
        assert seeding.seed(SEEDS) == seeding.SeedReport(0, 0, 0, 6)

    def test_a_newer_seed_updates_an_unedited_case(self, tmp_path: Path) -> None:
        seeds = edited_seeds(tmp_path, "severity: 5", "severity: 4")
        assert seeding.seed(seeds) == seeding.SeedReport(0, 0, 1, 5)
        assert seeding.seed(seeds) == seeding.SeedReport(0, 0, 0, 6)

    def test_an_edited_term_is_left_alone(self, tmp_path: Path) -> None:
        statement = select(Term).where(Term.namespace == "category", Term.key == "offensive")
        term = db.session.scalars(statement).one()
        term.labels = {**term.labels, "en": "Hurtful"}
        db.session.commit()
        taxonomy = copytree(SEEDS, tmp_path / "seeds") / "taxonomy" / "category.yaml"
        data = read(taxonomy)
        for item in data["terms"]:
            if item["key"] in ("offensive", "tone-deaf"):
                item["label"]["en"] += " (new)"
        taxonomy.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
        assert seeding.seed(tmp_path / "seeds").terms_written == 1
        assert db.session.scalars(statement).one().labels["en"] == "Hurtful"

    def test_a_newer_seed_updates_its_translation_too(self, tmp_path: Path) -> None:
        seeding.seed(edited_seeds(tmp_path, "summary: >-", "summary: >-\n  Rewritten."))
        incidents = db.session.scalars(select(Incident)).all()
        assert incidents
        for incident in incidents:
            assert incident.texts["he"].version == incident.original.version == 2

    def test_a_renamed_namespace_is_left_alone(self) -> None:
        namespace = db.session.get_one(Namespace, "category")
        namespace.labels = {**namespace.labels, "en": "Ours"}
        db.session.commit()
        seeding.seed(SEEDS)
        assert db.session.get_one(Namespace, "category").labels["en"] == "Ours"

    def test_nobody_else_can_take_the_name_of_the_seeder(self) -> None:
        with pytest.raises(InvalidInput):
            tokens.create_team_token(system_actors.SEEDER.name, Role.ADMIN)

    def test_a_case_may_have_guards_in_shorthand(self, tmp_path: Path) -> None:
        seeding.seed(with_guard(tmp_path, "Slap or punch?"))
        case = db.session.scalars(select(Incident).where(Incident.organization == "Snapchat")).one()
        guard = case.lessons[0].guard
        assert guard is not None
        assert guard["message"] == {"en": "Not a joke."}
        assert guard["examples"]["bad"] == [{"text": "Slap or punch?"}]

    def test_a_guard_that_does_not_hold_is_named_with_its_case(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="snapchat") as error:
            seeding.seed(with_guard(tmp_path, "Hug."))
        assert [each.pointer for each in error.value.errors] == ["/lessons/0/guard/examples/bad/0"]

    def test_an_invalid_case_is_named_and_nothing_is_loaded(self, tmp_path: Path) -> None:
        seeds = edited_seeds(tmp_path, "severity: 5", "severity: 9")
        with pytest.raises(InvalidInput, match="snapchat"):
            seeding.seed(seeds)


def test_an_edited_or_withdrawn_case_is_left_alone(
    app: Flask, as_role: Callable[..., Api], tmp_path: Path
) -> None:
    admin = as_role("site_admin")
    admin.patch("/incidents/5", {"severity": 1}, If_Match="*")
    admin.delete("/incidents/6", If_Match="*")
    seeds = edited_seeds(tmp_path, "summary: >-", "summary: >-\n  Rewritten.")
    with app.app_context():
        assert seeding.seed(seeds) == seeding.SeedReport(0, 0, 4, 2)
    assert admin.get("/incidents/5").get_json()["severity"] == 1
    assert admin.get("/incidents/6").get_json()["status"] == "withdrawn"


def with_guard(folder: Path, bad: str) -> Path:
    """A copy of the seeds in which the first lesson of a case has a guard, with this bad example."""
    seeds = copytree(SEEDS, folder / "seeds")
    path = seeds / "incidents" / "snapchat-domestic-violence-ad.yaml"
    case = read(path)
    case["lessons"][0]["guard"] = {
        "type": "phrase",
        "severity": "caution",
        "message": "Not a joke.",
        "parameters": {"phrases": ["slap"]},
        "examples": {"bad": [bad], "good": ["A handshake."]},
    }
    path.write_text(yaml.safe_dump(case, allow_unicode=True), "utf-8")
    return seeds


def edited_seeds(folder: Path, old: str, new: str) -> Path:
    """A copy of the seeds with one line of the cases replaced."""
    seeds = copytree(SEEDS, folder / "seeds")
    for path in (seeds / "incidents").glob("*.yaml"):
        lines = path.read_text("utf-8").split("\n")
        path.write_text("\n".join(new if line == old else line for line in lines), "utf-8")
    return seeds
