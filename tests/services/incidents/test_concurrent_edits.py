"""Two editors at once: the later one learns what changed, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from werkzeug.test import TestResponse

from tests.support.api import Api


def test_the_second_editor_learns_which_fields_changed_and_by_whom(as_role: Callable[..., Api]) -> None:
    first, second = as_role("contributor"), as_role("reviewer")
    path = f"/incidents/{first.file(cause='One', outcome='Two')['id']}"
    read = second.get(path).headers["ETag"]
    first.patch(path, {"cause": "Changed", "outcome": "Changed", "severity": 2}, If_Match="*")
    first.patch(path, {"outcome": "Two"}, If_Match="*")
    refused = second.patch(path, {"cause": "Mine"}, If_Match=read)
    assert refused.status_code == 412
    # The outcome is again the one that the second editor read.
    assert refused.get_json()["errors"] == [
        {"pointer": pointer, "detail": "Changed in version 2 by contributor of main."}
        for pointer in ("/severity", "/cause")
    ]
    assert second.get(path).get_json()["cause"] == "Changed"


def test_only_recent_writes_are_attributed_in_a_long_history(contributor: Api) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    contributor.patch(path, {"cause": "Changed long ago."}, If_Match="*")
    for number in range(21):
        contributor.patch(path, {"severity": 1 + number % 5}, If_Match="*")
    refused = contributor.patch(path, {"cause": "Mine"}, If_Match='"1"').get_json()["errors"]
    assert {error["pointer"]: error["detail"] for error in refused} == {
        "/cause": "Changed since version 1.",
        "/severity": "Changed in version 23 by contributor of main.",
    }


def test_only_the_first_of_concurrent_edits_succeeds(any_app: Flask, any_role: Callable[..., Api]) -> None:
    admin = any_role("site_admin")
    path = f"/incidents/{admin.file()['id']}"

    def edit(number: int) -> TestResponse:
        api = Api(any_app.test_client(), admin.contract, admin.token)
        return api.patch(path, {"cause": f"Number {number}"}, If_Match='"1"')

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(edit, range(4)))
    late = [answer for answer in answers if answer.status_code == 412]
    assert len(late) == 3
    assert all(answer.get_json()["errors"][0]["pointer"] == "/cause" for answer in late)
