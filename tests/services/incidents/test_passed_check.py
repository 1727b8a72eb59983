"""The check that an incident names: who may name it, and who sees that it is named."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.api import Api
from tests.support.checks import store_check
from tests.support.imports import ended, lines, send
from tests.support.incidents import incident


def test_an_incident_names_the_check_that_had_passed_its_post(any_person: Callable[..., Api]) -> None:
    dana, noa = any_person("Dana", north="contributor"), any_person("Noa", north="reader")
    check = store_check(dana, {})
    path = f"/incidents/{dana.file(passed_check=check)['id']}"
    assert dana.get(path).get_json()["passed_check"] == check
    assert noa.get(path).get_json()["passed_check"] == check
    assert noa.get(f"/checks/{check}").get_json()["incidents"] == [int(path.rpartition("/")[2])]
    changed = dana.patch(path, {"passed_check": None, "severity": 2}, If_Match="*")
    assert "passed_check" not in changed.get_json()
    assert dana.patch(path, {"passed_check": check}, If_Match='"1"').status_code == 412
    again = dana.patch(path, {"passed_check": check}, If_Match=changed.headers["ETag"])
    assert (again.get_json()["passed_check"], again.get_json()["version"]) == (check, 4)
    same = dana.patch(path, {"passed_check": check}, If_Match="*")
    assert same.get_json()["version"] == 4
    assert [item["number"] for item in dana.get(f"{path}/revisions").get_json()["items"]] == [4, 3, 2, 1]


def test_a_published_incident_names_a_check_without_a_review(person: Callable[..., Api]) -> None:
    dana, eve = person("Dana", north="contributor"), person("Eve", south="admin")
    path = f"/incidents/{person('Noa', north='reviewer').file(status='published')['id']}"
    changed = dana.patch(path, {"passed_check": store_check(dana, {})}, If_Match="*")
    assert (changed.status_code, changed.get_json()["status"]) == (200, "published")
    assert "passed_check" in dana.get(path).get_json()
    assert "passed_check" not in eve.get(path).get_json()


def test_a_check_that_the_author_may_not_see_cannot_be_named(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="contributor")
    foreign = store_check(person("Eve", south="admin"), {})
    for number in (foreign, 99_999):
        response = dana.post("/incidents", incident(passed_check=number))
        assert response.status_code == 422
        assert response.get_json()["errors"] == [
            {"pointer": "/passed_check", "detail": f"There is no check {number}."}
        ]


def test_a_merge_hands_the_check_on_with_its_history(any_person: Callable[..., Api]) -> None:
    dana = any_person("Dana", north="contributor")
    first, second = store_check(dana, {}), store_check(dana, {})
    one, other, stays = (
        dana.file(**fields)["id"] for fields in ({"passed_check": first}, {"passed_check": second}, {})
    )
    for gone in (one, other):
        merged = dana.post(f"/incidents/{gone}/duplicate-of/{stays}", {}, If_Match="*")
        assert merged.status_code == 200
    kept = dana.get(f"/incidents/{stays}").get_json()
    assert (kept["passed_check"], kept["version"]) == (first, 2)
    revision = dana.get(f"/incidents/{stays}/revisions").get_json()["items"][0]
    assert revision["comment"] == f"Took over from its duplicate {one}: the check that had passed its post."
    assert dana.get(f"/checks/{first}").get_json()["incidents"] == [one, stays]


def test_a_merge_does_not_change_an_incident_that_its_author_may_not_edit(person: Callable[..., Api]) -> None:
    dana, eve = person("Dana", north="reviewer"), person("Eve", south="reviewer")
    gone = dana.file(passed_check=store_check(dana, {}), status="published")["id"]
    stays = eve.file(status="published")["id"]
    assert dana.post(f"/incidents/{gone}/duplicate-of/{stays}", {}, If_Match="*").status_code == 200
    assert eve.get(f"/incidents/{stays}").get_json()["version"] == 1


def test_no_line_of_an_import_names_a_check(any_person: Callable[..., Api]) -> None:
    dana = any_person("Dana", north="admin")
    content = lines(incident(passed_check=store_check(dana, {})))
    report = ended(dana, send(dana, content, team="north"))["report"]
    assert [error["pointer"] for error in report["errors"]] == ["/passed_check"]
