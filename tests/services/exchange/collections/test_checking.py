"""All of a collection is checked before anything of it is written. Each problem is told with its place."""

from __future__ import annotations

from typing import Any

import pytest

from kb.domain.permissions import Actor, Role
from kb.errors import Forbidden, InvalidInput
from kb.messages import Message
from kb.models import Incident, db
from kb.services.core.system_actors import OPERATOR
from kb.services.exchange.collections.adding import add_collection
from kb.services.exchange.collections.checking import CheckedCollection, EntryError, check_file
from kb.services.exchange.collections.reading import CollectionFile, FileEntry
from tests.support.collections import HEAD, case
from tests.support.incidents import incident, lesson_guard

pytestmark = pytest.mark.usefixtures("inside_app")


def checked(*incidents: Any, **head: Any) -> CheckedCollection:
    """A collection after its check; what is read of the entries is named by their numbers."""
    entries = [FileEntry(str(number), value) for number, value in enumerate(incidents, 1)]
    return check_file(OPERATOR, CollectionFile(FileEntry("head", {**HEAD, **head}), entries))


def problems(*incidents: Any, **head: Any) -> list[tuple[str, str]]:
    """Where the problems of a collection are."""
    return [(error.location, error.pointer) for error in checked(*incidents, **head).errors]


def test_a_valid_collection_has_no_problems_and_its_incidents_get_ids_of_their_slugs() -> None:
    two = {name: value for name, value in case("two").items() if name != "slug"}
    result = checked(case("one"), {**two, "external_id": "examples:2"})
    assert result.errors == []
    assert [each["external_id"] for each in result.incidents] == ["examples:one", "examples:2"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"severity": 9}, "/severity"),
        ({"category": "tone-deff"}, "/category"),
        ({"outcome": None}, "/outcome"),
        ({"external_id": "others:one"}, "/external_id"),
        ({"translations": {"he": {}}}, "/translations/he/title"),
        ({"unknown": 1}, "/unknown"),
        ({"language": "xx"}, "/language"),
        (
            {"lessons": [{"text": "Proofread.", "guard": lesson_guard(parameters={"phrases": ["other"]})}]},
            "/lessons/0/guard/examples/bad/0",
        ),
    ],
)
def test_a_problem_of_an_incident_is_told_at_its_field(changes: dict[str, Any], pointer: str) -> None:
    assert ("2", pointer) in problems(case("two"), case("one", **changes))


def test_an_incident_without_a_slug_or_an_id_is_told_to_get_one() -> None:
    assert problems(incident()) == [("1", "/slug")]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"key": "Not a slug"}, "/key"),
        ({"version": None}, "/version"),
        ({"version": True}, "/version"),
        ({"license": ""}, "/license"),
        ({"contact": None}, "/contact"),
        ({"title": {}}, "/title"),
        ({"title": {"en": ""}}, "/title/en"),
        ({"more": 1}, "/more"),
    ],
)
def test_a_problem_of_the_head_is_told_at_its_field(changes: dict[str, Any], pointer: str) -> None:
    assert ("head", pointer) in problems(case("one"), **changes)


def test_a_head_or_an_incident_that_is_no_object_is_told() -> None:
    entries = [FileEntry("1", ["a list"])]
    result = check_file(OPERATOR, CollectionFile(FileEntry("head", "a text"), entries))
    assert {(error.location, error.pointer) for error in result.errors} == {("head", ""), ("1", "")}


def test_what_has_to_be_unique_may_not_stand_twice() -> None:
    first, second = case("one", external_id="examples:1"), case("one", external_id="examples:1")
    assert problems(first, second) == [("2", "/external_id"), ("2", "/slug")]


def test_the_language_of_what_was_added_before_cannot_change() -> None:
    add_collection(OPERATOR, checked(case("one")))
    assert problems(case("one", language="he")) == [("1", "/language")]


def test_a_collection_with_problems_is_not_written() -> None:
    before = db.session.query(Incident).count()
    with pytest.raises(InvalidInput) as refused:
        add_collection(OPERATOR, checked(case("one"), case("two", severity=9)))
    assert [(error.pointer, str(error.detail).partition(":")[0]) for error in refused.value.errors] == [
        ("/severity", "2")
    ]
    assert db.session.query(Incident).count() == before


def test_only_site_administrators_may_have_one_checked() -> None:
    with pytest.raises(Forbidden):
        check_file(Actor(name="Ada", role=Role.ADMIN), CollectionFile(FileEntry("head", HEAD), []))


def test_an_entry_that_could_not_be_read_is_told_with_the_reason() -> None:
    entries = [FileEntry("1", None, Message("It is a picture.")), FileEntry("2", case("two"))]
    result = check_file(OPERATOR, CollectionFile(FileEntry("head", HEAD), entries))
    assert result.errors == [EntryError("1", "", Message("It is a picture."))]
    assert [each["slug"] for each in result.incidents] == ["two"]
