"""Slugs of incidents are readable and unique."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from tests.support.api import Api


def test_concurrent_filings_get_distinct_slugs(any_app: Flask, any_role: Callable[..., Api]) -> None:
    admin = any_role("site_admin")

    def file(_: int) -> str:
        body = Api(any_app.test_client(), admin.contract, admin.token).file()
        slug: str = body["slug"]
        return slug

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(file, range(12)))) == 12


def test_incidents_with_the_same_title_get_distinct_slugs(contributor: Api) -> None:
    slugs = [contributor.file()["slug"] for _ in range(3)]
    assert slugs[1:] == [f"{slugs[0]}-2", f"{slugs[0]}-3"]


def test_a_hebrew_title_gets_a_hebrew_slug(contributor: Api) -> None:
    filed = contributor.file(language="he", organization="אסם", title="ציוץ שפורסם בטעות")
    assert filed["slug"] == "אסם-ציוץ-שפורסם-בטעות"
    assert filed["language"] == "he"


def test_the_slug_of_a_draft_follows_its_title_until_it_is_published(admin: Api) -> None:
    path = f"/incidents/{admin.file(title='What John Smith did')['id']}"

    def slug_after(**change: str) -> str:
        slug: str = admin.patch(path, change, If_Match="*").get_json()["slug"]
        return slug

    assert slug_after(title="What a colleague did") == "acme-what-a-colleague-did"
    assert slug_after(organization="Globex") == "globex-what-a-colleague-did"
    assert admin.file(title="What John Smith did")["slug"] == "acme-what-john-smith-did"
    assert slug_after(organization="Acme", title="What John Smith did") == "acme-what-john-smith-did-2"
    assert slug_after(title="What happened", status="published") == "acme-what-happened"
    assert slug_after(title="What happened then") == "acme-what-happened"
    assert admin.step(path, "reopen").status_code == 200
    assert slug_after(title="Once more") == "acme-what-happened"


def test_a_restored_draft_gets_the_slug_of_its_title(contributor: Api) -> None:
    filed = contributor.file(title="The first title")
    path = f"/incidents/{filed['id']}"
    assert contributor.patch(path, {"title": "The second title"}, If_Match="*").status_code == 200
    restored = contributor.post(f"{path}/revisions/1/restore", {}, If_Match="*").get_json()
    assert restored["slug"] == filed["slug"] == "acme-the-first-title"


def test_a_chosen_slug_stays_until_another_one_is_chosen_before_publication(admin: Api) -> None:
    path = f"/incidents/{admin.file(slug='john-smith')['id']}"
    assert admin.patch(path, {"title": "Another title"}, If_Match="*").get_json()["slug"] == "john-smith"
    taken = {"slug": admin.file()["slug"]}
    assert admin.patch(path, taken, If_Match="*").status_code == 409
    change = {"slug": "a-colleague", "status": "published"}
    assert admin.patch(path, change, If_Match="*").get_json()["slug"] == "a-colleague"
    refused = admin.patch(path, {"slug": "john-smith"}, If_Match="*")
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (409, "/slug")
    assert admin.patch(path, change, If_Match="*").status_code == 200
