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
