"""Slugs of incidents."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from tests.support.api import Api


def test_who_files_the_same_at_once_gets_a_slug_each(any_app: Flask, any_role: Callable[..., Api]) -> None:
    admin = any_role("site_admin")

    def file(_: int) -> str:
        body = Api(any_app.test_client(), admin.contract, admin.token).file()
        slug: str = body["slug"]
        return slug

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(file, range(12)))) == 12


def test_two_incidents_of_one_title_get_slugs_of_their_own(contributor: Api) -> None:
    slugs = [contributor.file()["slug"] for _ in range(3)]
    assert slugs[1:] == [f"{slugs[0]}-2", f"{slugs[0]}-3"]


def test_a_title_in_hebrew_makes_a_slug_in_hebrew(contributor: Api) -> None:
    filed = contributor.file(language="he", organization="אסם", title="ציוץ שפורסם בטעות")
    assert filed["slug"] == "אסם-ציוץ-שפורסם-בטעות"
    assert filed["language"] == "he"
