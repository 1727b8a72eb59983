from collections.abc import Callable

import pytest

from kb.pages.accounts import team
from tests.support.api import Api
from tests.support.pages import Browser, Page, visitor

PEOPLE = Callable[..., Api]


def test_members_of_a_team_see_who_belongs_to_it(
    signed_in: Callable[..., Browser], person: Callable[..., Api]
) -> None:
    person("<b>Rina</b>", north="reviewer")
    uri = signed_in("Uri", north="reader")
    page = uri.follow(uri.open("/account"), "north")
    assert page.texts(".rows li") == ["<b>Rina</b> reviews and publishes", "Uri reads"]
    assert "Whoever administers the team, or the site, can add people." in page.text
    # Emails are for those who administer the team.
    assert "@example.com" not in page.text
    managed = signed_in("Noa", north="admin").open("/teams/north")
    assert "@example.com" in managed.text
    assert "can add people" not in managed.text


def test_a_team_of_others_does_not_exist(signed_in: Callable[..., Browser], browser: Browser) -> None:
    noa = signed_in("Noa", south="admin")
    assert noa.open("/teams/north").status == 404
    assert noa.open("/teams/nowhere").text == noa.open("/teams/north").text
    assert browser.open("/teams/north").heading == "Sign in"


def test_what_a_team_works_on_leads_to_its_own_drafts_and_to_none_of_another_team(person: PEOPLE) -> None:
    noa = person("Noa", north="admin", south="admin")
    noa.file(title="Of the north", status="draft", team="north")
    noa.file(title="Of the south", status="draft", team="south")
    browser = visitor(noa)
    page = browser.follow(browser.open("/teams/north"), "Drafts of the team")
    assert page.texts(".hit h3") == ["Of the north"]
    assert page.texts(".chips bdi") == ["Team: north", "Draft"]
    assert page.texts("[role=status]") == []
    page = browser.follow(browser.open("/teams/south"), "What was discarded or withdrawn")
    assert page.texts(".chips bdi") == ["Team: south", "Withdrawn"]


@pytest.fixture
def noa(person: PEOPLE) -> Browser:
    """The browser of an administrator of the team."""
    return visitor(person("Noa", north="admin"))


def roles(page: Page) -> dict[str, str]:
    """The role of each member, as the page says it."""
    return dict(zip(page.texts(".rows strong"), page.texts(".rows li > p"), strict=True))


def form_of(page: Page, name: str) -> str:
    """The address of the form that changes a member."""
    (summary,) = (each for each in page.soup.select("details summary") if name in each.get_text())
    assert summary.parent is not None
    form = summary.parent.find("form")
    assert form is not None
    return str(form["action"])


def press(browser: Browser, page: Page, name: str, **fields: str) -> Page:
    """Send the form that changes a member."""
    form = page.one(f"form[action='{form_of(page, name)}']")
    sent = {str(each["name"]): str(each["value"]) for each in form.find_all("input")} | fields
    url = str(form["action"])
    answer = browser.client.post(
        url, data=sent, headers={"Accept": "text/html", "Origin": "http://localhost"}, follow_redirects=True
    )
    return Page(url, answer)


def test_an_administrator_adds_somebody_by_email_changes_the_role_and_ends_the_membership(
    noa: Browser, person: PEOPLE
) -> None:
    person("Tal")
    page = noa.open("/teams/north")
    page = noa.send(page, "Add to the team", email=" Tal@Example.com ", role="contributor")
    assert page.texts("[role=status]") == ["Tal belongs to the team now."]
    assert roles(page) == {"Noa": "administers the team", "Tal": "files and changes"}
    page = press(noa, page, "Tal", role="reviewer")
    assert roles(page)["Tal"] == "reviews and publishes"
    page = press(noa, page, "Tal", step="remove")
    assert page.texts("[role=status]") == ["The membership has ended. What the person wrote stays."]
    assert roles(page) == {"Noa": "administers the team"}


@pytest.mark.parametrize(
    ("email", "said"),
    [
        ("tal", "Write an email address"),
        ("nobody@example.com", "Nobody has an account here with this address."),
        ("noa@example.com", "Whoever has this address belongs to the team already."),
    ],
)
def test_what_was_typed_is_kept_where_nobody_can_be_added(noa: Browser, email: str, said: str) -> None:
    page = noa.send(noa.open("/teams/north"), "Add to the team", email=email, role="reviewer")
    assert page.status in (409, 422)
    assert page.one("#email-error").get_text().startswith(said)
    assert page.one("#email")["value"] == email
    assert page.one("#role option[selected]")["value"] == "reviewer"
    assert page.one("[role=alert] a")["href"] == "#email"


def test_no_role_is_changed_over_what_another_administrator_did_meanwhile(
    noa: Browser, person: PEOPLE
) -> None:
    person("Tal", north="reader")
    lea = visitor(person("Lea", north="admin"))
    seen = noa.open("/teams/north")
    press(lea, lea.open("/teams/north"), "Tal", role="reviewer")
    stale = press(noa, seen, "Tal", role="contributor")
    assert stale.status == 409
    assert roles(stale)["Tal"] == "reviews and publishes"
    assert len(stale.soup.select("details[open]")) == 1
    press(lea, lea.open("/teams/north"), "Tal", step="remove")
    gone = press(noa, stale, "Tal", role="contributor")
    assert gone.status == 409
    assert gone.texts("[role=alert] a") == ["The membership has ended in the meantime."]
    unknown = press(noa, seen, "Tal", role="owner", version="1")
    assert "Choose a role from the list." in unknown.text


def test_an_administrator_renames_the_team_and_sets_its_language(noa: Browser, person: PEOPLE) -> None:
    page = noa.open("/teams/north")
    assert page.one("#language option[selected]")["value"] == "en"
    page = noa.send(page, "Save", name="צוות הצפון", language="he")
    assert page.heading == "צוות הצפון"
    assert page.one("#language option[selected]")["value"] == "he"
    assert person("Tal", north="reader").get("/teams/north").get_json()["language"] == "he"
    blank = noa.send(page, "Save", name=" ", language="xx-not-a-language")
    assert blank.status == 422
    assert blank.texts(".error") == [
        "Write a name of 1 to 200 characters.",
        "Choose a language from the list.",
    ]


def test_a_new_name_is_not_written_over_another_one(noa: Browser, person: PEOPLE) -> None:
    seen = noa.open("/teams/north")
    lea = visitor(person("Lea", north="admin"))
    lea.send(lea.open("/teams/north"), "Save", name="The north")
    stale = noa.send(seen, "Save", name="Northerners")
    assert (stale.status, stale.heading) == (409, "The north")


@pytest.mark.parametrize("version", ["", "-1", "x", "9" * 5_000])
def test_what_is_no_version_is_not_the_current_one(noa: Browser, version: str) -> None:
    assert noa.send(noa.open("/teams/north"), "Save", name="Northerners", version=version).status == 409


def test_ones_own_role_and_the_teams_of_others_are_not_for_one_to_change(
    noa: Browser, person: PEOPLE
) -> None:
    tal = visitor(person("Tal", north="reviewer", south="reader"))
    assert not tal.open("/teams/north").soup.select("main form")
    page = noa.open("/teams/north")
    assert page.texts("details summary .hidden") == [": Tal"]
    token = str(page.one("#add input[name=csrf_token]")["value"])
    sent = {"csrf_token": token, "email": "tal@example.com", "role": "admin"}
    headers = {"Accept": "text/html", "Origin": "http://localhost"}
    for path, status in (("/teams/south/members", 404), ("/teams/nowhere/members", 404)):
        assert noa.client.post(path, data=sent, headers=headers).status_code == status


def test_a_large_team_is_listed_in_pages_and_a_change_leads_back_to_the_same_one(
    noa: Browser, person: PEOPLE, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team, "MAX_SHOWN", 2)
    for name in ("Orit", "Rina", "Tal"):
        person(name, north="reader")
    first = noa.open("/teams/north")
    assert [*roles(first)] == ["Noa", "Orit"]
    second = noa.follow(first, "Next page")
    assert [*roles(second)] == ["Rina", "Tal"]
    assert second.texts(".pager span") == ["Page 2 of 2"]
    assert roles(press(noa, second, "Tal", role="reviewer")) == {
        "Rina": "reads",
        "Tal": "reviews and publishes",
    }
    assert [*roles(press(noa, second, "Tal", role="nobody"))] == ["Rina", "Tal"]
    assert [*roles(noa.open("/teams/north?page=99"))] == ["Rina", "Tal"]
    assert [*roles(noa.open("/teams/north?page=-1"))] == ["Noa", "Orit"]
