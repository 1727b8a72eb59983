"""The page on which administrators say that two names mean the same organization."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.api import Api
from tests.support.pages import Browser

PATH = "/organizations/aliases"


@pytest.fixture
def ada(signed_in: Callable[..., Browser]) -> Browser:
    """The browser of a site administrator."""
    return signed_in("Ada Admin", site_admin=True)


def test_a_name_is_added_works_and_is_removed(ada: Browser, admin: Api) -> None:
    for name in ("Tnuva Ltd", 'תנובה בע"מ'):
        admin.file(organization=name, status="published")
    page = ada.send(ada.open(PATH), "Add this name", alias="תנובה", organization="Tnuva")
    assert page.texts("[role=status]") == ["תנובה and Tnuva are one organization from now on."]
    assert page.texts("ul.rows strong") == ["תנובה"]
    listed = ada.open("/incidents?organization=Tnuva")
    assert {"Tnuva Ltd", 'תנובה בע"מ'} <= {*listed.texts(".meta bdi")}
    page = ada.send(page, "Remove")
    assert page.texts("[role=status]") == ["Removed. The two names are two organizations again."]
    assert 'תנובה בע"מ' not in ada.open("/incidents?organization=Tnuva").texts(".meta bdi")


@pytest.mark.parametrize(
    ("alias", "organization", "status", "message"),
    [
        ("Acme Ltd", "Acme", 422, "are one organization without an alias"),
        (" ", "Acme", 422, "Write the other name, in at most 200 characters."),
        ("Foo", "תנובה", 409, "is itself an alias of"),
    ],
)
def test_what_is_refused_says_why_and_what_was_typed_stays(
    ada: Browser, alias: str, organization: str, status: int, message: str
) -> None:
    page = ada.send(ada.open(PATH), "Add this name", alias="תנובה", organization="Tnuva")
    page = ada.send(page, "Add this name", alias=alias, organization=organization)
    assert page.status == status
    assert message in page.one("[role=alert]").get_text()
    assert page.one("#organization")["value"] == organization
    assert ada.open(PATH).texts("ul.rows strong") == ["תנובה"]


def test_the_menu_of_administrators_leads_to_it_and_nobody_else_opens_it(
    ada: Browser, signed_in: Callable[..., Browser]
) -> None:
    assert ada.follow(ada.open("/"), "Names of organizations").heading == "Names of organizations"
    member = signed_in("Noa", north="admin")
    assert "Names of organizations" not in member.open("/").text
    assert member.open(PATH).status == 403


def test_the_page_speaks_hebrew(ada: Browser) -> None:
    assert ada.open(f"{PATH}?lang=he").heading == "שמות של ארגונים"
