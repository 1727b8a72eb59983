"""The versions in `If-Match`, and what a caller is told when none of them is current."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kb.api.etags import if_match_versions
from tests.support.api import Api


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ('"1"', "The current version is 2."),
        ('"1", "99"', "The current version is 2."),
        ('"99"', "There is no version 99 yet: the current version is 2."),
        ('W/"99-he"', "There is no version 99 yet: the current version is 2."),
        ('"99", "98-en"', "There is no version 98 yet: the current version is 2."),
        (f'"{"9" * 18}"', f"There is no version {'9' * 18} yet: the current version is 2."),
        *(
            (malformed, "If-Match names no version: the current version is 2.")
            for malformed in ('"0"', '"abc"', '"2', '"2"-en', '"2.5"', '"1" "2"')
        ),
    ],
)
def test_an_outdated_version_is_told_apart_from_one_that_does_not_exist(
    contributor: Api, header: str, detail: str
) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    contributor.patch(path, {"severity": 2}, If_Match='"1"')
    refused = contributor.patch(path, {"severity": 3}, If_Match=header)
    assert (refused.status_code, contributor.get(path).get_json()["version"]) == (412, 2)
    assert refused.get_json()["detail"].startswith(detail)


def test_every_versioned_resource_says_that_a_version_does_not_exist_yet(
    person: Callable[..., Api],
) -> None:
    dana = person("Dana Levi", north="reviewer")
    site = person("Ada Admin", site_admin=True)
    incident = f"/incidents/{dana.file()['id']}"
    action = dana.post(f"{incident}/actions", {"title": "Act"}).get_json()
    comment = dana.post(f"{incident}/comments", {"text": "Is this so?"}).get_json()
    user = dana.get("/me").get_json()["user"]["id"]
    requests = (
        dana.patch(f"/actions/{action['id']}", {"title": "x"}, If_Match='"7"'),
        dana.patch(f"{incident}/comments/{comment['id']}", {"resolved": True}, If_Match='"7"'),
        dana.put(f"{incident}/translations/he", {"title": "כותרת"}, If_Match='"7"'),
        dana.delete(incident, If_Match='"7"'),
        dana.step(incident, "submit", if_match='"7"'),
        dana.post(f"{incident}/revisions/1/restore", {}, If_Match='"7"'),
        dana.patch("/me", {"language": "he"}, If_Match='"7"'),
        site.patch("/teams/north", {"name": "North"}, If_Match='"7"'),
        site.put(f"/teams/north/members/{user}", {"role": "reader"}, If_Match='"7"'),
        site.patch(f"/users/{user}", {"language": "he"}, If_Match='"7"'),
    )
    for response in requests:
        assert response.status_code == 412
        assert "There is no version 7 yet" in response.get_json()["detail"]


def test_a_read_ignores_if_match(reader: Api) -> None:
    current = reader.get("/incidents/1").headers["ETag"]
    for etag, status in (('"7"', 200), (current, 304)):
        headers = {"If-Match": "*", "If-None-Match": etag}
        assert reader.get("/incidents/1", headers=headers).status_code == status


@pytest.mark.parametrize("header", ["", "  ", ","])
def test_an_empty_if_match_is_a_missing_one(contributor: Api, header: str) -> None:
    path = f"/incidents/{contributor.file()['id']}"
    assert contributor.patch(path, {"severity": 2}, If_Match=header).status_code == 428


def test_an_etag_that_the_length_limit_cuts_off_is_ignored() -> None:
    header = ", ".join(['"1"'] * 199 + ['"123456"'])
    assert if_match_versions({"if_match": header}) == frozenset({1})


@pytest.mark.parametrize(
    "header",
    ['"2-en:br"', '"2:zstd"', '"2-en;gzip"', 'W/"2-he--gzip"', '"2-en+br"', "2-en:br", '"1", "2:br"'],
)
def test_a_version_is_read_whatever_a_proxy_has_added_to_its_etag(header: str) -> None:
    assert 2 in (if_match_versions({"if_match": header}) or ())


@pytest.mark.parametrize("header", ['"2abc"', '"-2"', '"v2"', '"2-é"'])
def test_an_etag_of_something_else_is_no_version(header: str) -> None:
    assert if_match_versions({"if_match": header}) == frozenset()
