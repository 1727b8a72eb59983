"""A near miss that says what a review asks for."""

from collections.abc import Callable

from tests.support.api import Api
from tests.support.checks import store_check


def test_a_near_miss_with_its_cause_and_outcome_is_handed_in_as_it_is(person: Callable[..., Api]) -> None:
    dana = person("Dana", north="contributor")
    body = {"organization": "Acme", "category": "internal-communication", "lesson": "Proofread."}
    texts = {"cause": "Nobody proofread it.", "outcome": "The check stopped it."}
    bare, complete = (
        dana.post(f"/checks/{store_check(dana)}/near-miss", {**body, **more}).get_json()
        for more in ({}, texts)
    )
    assert {name: complete[name] for name in texts} == texts
    assert dana.step(f"/incidents/{bare['id']}", "submit").status_code == 422
    assert dana.step(f"/incidents/{complete['id']}", "submit").status_code == 200
