"""The pages of a site, for what is true of all of them: pictures, accessibility, narrow screens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import time_ns
from typing import NamedTuple

from playwright.sync_api import Locator, Page

from tests.support.accounts import PASSWORD
from tests.support.chromium import Tab
from tests.support.page_samples import AMBIGUOUS_CALENDAR, CALENDAR, COLLECTION, DRAFTS, IMPORT, TABLES


class Address(NamedTuple):
    """A page that is opened by its address: its name in file names, and who may see it."""

    name: str
    path: str
    for_members: bool = False
    for_admins: bool = False


ADDRESSES = (
    Address("front", "/"),
    Address("search", "/search?q=photo"),
    Address("search-empty", "/search?q=zeppelin&platform=twitter"),
    Address("search-wrong", "/search?severity_min=many"),
    Address("search-filtered", "/search?q=photo&platform=twitter&severity_min=2&sort=-occurred_on"),
    Address("search-meant", "/search?q=hashtga+campagin"),
    Address("search-hebrew", "/search?q=%D7%99%D7%95%D7%9D+%D7%94%D7%A9%D7%95%D7%90%D7%94"),
    Address("incident", "/incidents/3"),
    Address("incident-hebrew", "/incidents/3?in=he"),
    Address("incidents", "/incidents"),
    Address("topics", "/topics"),
    Address("topic", "/topics/platform"),
    Address("trends", "/trends"),
    Address("trends-table", "/trends?view=table"),
    Address("trends-download", "/trends?view=data"),
    Address("trends-durations", "/trends?metric=minutes_to_remove_median"),
    Address("trends-empty", "/trends?platform=twitter&from=1999-01-01&to=1999-12-31"),
    Address("categories", "/categories"),
    Address("category", "/categories/tone-deaf"),
    Address("calendar", "/calendar?month=2027-05&country=IL"),
    Address("calendar-world", "/calendar?month=2027-11"),
    Address("check", "/check"),
    Address("check-calendar", "/check/calendar"),
    Address("guards", "/guards"),
    Address("guard", "/guards/unfinished-text"),
    Address("collections", "/collections"),
    Address("collection", "/collections/public-cases"),
    Address("after-failure", "/after-a-failure"),
    Address("sign-in", "/sign-in"),
    Address("not-found", "/incidents/999999"),
    Address("account", "/account", for_members=True),
    Address("team", "/teams/main", for_members=True),
    Address("token-new", "/account/tokens/new", for_members=True),
    Address("checks", "/checks", for_members=True),
    Address("waiting", "/waiting", for_members=True),
    Address("history", "/incidents/3/history", for_members=True),
    Address("incident-new", "/incidents/new", for_members=True),
    Address("incident-edit", "/incidents/3/edit", for_members=True),
    Address("incident-part", "/incidents/3/edit/cause", for_members=True),
    Address("incident-part-kinds", "/incidents/3/edit/category", for_members=True),
    Address("incident-part-times", "/incidents/3/edit/times", for_members=True),
    Address("incident-part-source", "/incidents/3/edit/sources/1", for_members=True),
    Address("incident-order", "/incidents/3/edit/lessons/order", for_members=True),
    Address("incident-translate", "/incidents/7/translate", for_members=True),
    Address("incident-translation", "/incidents/3/translate?in=fr", for_members=True),
    Address("incident-withdraw", "/incidents/3/withdraw", for_members=True),
    Address("guard-backtest", "/guards/unfinished-text/backtest", for_members=True),
    Address("guard-types", "/guards/new", for_members=True),
    Address("guard-new", "/guards/new?type=phrase", for_members=True),
    Address("guard-new-subjects", "/guards/new?type=themes", for_members=True),
    Address("guard-new-day", "/guards/new?type=date", for_members=True),
    Address("guard-offers", "/guards/offers", for_members=True),
    Address("users", "/users", for_admins=True),
    Address("team-managed", "/teams/main", for_admins=True),
    Address("collections-managed", "/collections", for_admins=True),
    Address("collection-managed", "/collections/public-cases", for_admins=True),
    Address("collection-file", "/collections/file/new", for_admins=True),
    Address("imports", "/imports", for_admins=True),
)
"""What can be opened by an address. Answers to forms are in `SENT`."""


class Form(NamedTuple):
    """A page that one comes to by a form: its name in file names, what leads to it, and who may see it."""

    name: str
    send: Callable[[Tab, str], object]
    for_members: bool = False
    for_admins: bool = False


def in_language(path: str, language: str) -> str:
    """An address that asks for a language, as the links of a page in it do."""
    if language == "en":
        return path
    return f"{path}{'&' if '?' in path else '?'}lang={language}"


def send(button: Locator) -> None:
    """Send a form, and wait for what it answers: a page on its way can be neither read nor printed."""
    with button.page.expect_navigation():
        button.click()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Fill in and send the form for signing in."""
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    send(page.locator("main form button"))


def check_draft(tab: Tab, language: str, text: str | None = None) -> Page:
    """Paste a draft on the page for it and send it."""
    page = tab.open(in_language("/check", language))
    page.locator("main #text").fill(DRAFTS[language] if text is None else text)
    send(page.locator("main form button").last)
    return page


def check_calendar(tab: Tab, language: str, calendar: str = CALENDAR) -> Page:
    """Send a content calendar."""
    return _send_calendar(tab.open(in_language("/check/calendar", language)), calendar)


def _send_calendar(page: Page, calendar: str) -> Page:
    page.locator("#file").set_input_files(
        {"name": "plan.csv", "mimeType": "text/csv", "buffer": calendar.encode()}
    )
    send(page.locator("main form button").first)
    return page


def _sign_in_wrongly(tab: Tab, language: str) -> None:
    sign_in(tab.open(in_language("/sign-in", language)), "nobody@example.com", "a wrong password")


def _send_after_expiry(tab: Tab, language: str) -> None:
    page = tab.open(in_language("/check", language))
    page.context.clear_cookies(name="kb_form")
    page.locator("main #text").fill(DRAFTS[language])
    send(page.locator("main form button").last)


def _try_guard(tab: Tab, language: str) -> None:
    tab.open(in_language("/guards/unfinished-text", language)).locator("main #text").fill(DRAFTS[language])
    send(tab.page.locator("#try form button").last)


def write_guard(tab: Tab, language: str, type_: str = "phrase", **fields: str) -> Page:
    """Fill in some fields of a guard of a type, and run its tests."""
    page = tab.open(in_language(f"/guards/new?type={type_}", language))
    for name, value in fields.items():
        page.locator(f"#{name}").fill(value)
    send(page.locator(".guard-new form > p > button").first)
    return page


def _write_guard_wrongly(tab: Tab, language: str) -> None:
    write_guard(tab, language, good="Dirt cheap boots\nBoots", bad="Dirt cheap boots\nBoots")


def _check_again(tab: Tab, language: str) -> None:
    page = check_draft(tab, language)
    page.locator("#fix #text").fill(f"{DRAFTS[language]} [TBD]")
    send(page.locator("#fix form > button").last)


def _open_receipt(tab: Tab, language: str) -> Page:
    page = check_draft(tab, language)
    with page.expect_navigation():
        page.locator(".answers a[href*='/checks/']").last.click()
    return page


def _follow_from_receipt(path: str) -> Callable[[Tab, str], object]:
    """What opens a page of the latest receipt."""

    def follow(tab: Tab, language: str) -> None:
        receipt = _open_receipt(tab, language).url.split("?")[0]
        tab.page.goto(in_language(f"{receipt}{path}", language))

    return follow


def _keep_calendar(tab: Tab, language: str) -> Page:
    page = tab.open(in_language("/check/calendar", language))
    page.locator("#keep").check()
    return _send_calendar(page, CALENDAR)


def _open_row(tab: Tab, language: str) -> None:
    page = _keep_calendar(tab, language)
    row = page.locator("a[href*='/rows/']").first.get_attribute("href")
    page.goto(f"{tab.site}{row}")


def _send_collection(tab: Tab, language: str, content: str = COLLECTION) -> None:
    page = tab.open(in_language("/collections/file/new", language))
    page.locator("#file").set_input_files(
        {"name": "our-cases.yaml", "mimeType": "application/yaml", "buffer": content.encode()}
    )
    send(page.locator("main form button"))


def _send_wrong_collection(tab: Tab, language: str) -> None:
    _send_collection(tab, language, COLLECTION.replace("internal-communication", "tone-deff"))


def _try_import(tab: Tab, language: str, *, is_table: bool = False) -> None:
    page = tab.open(in_language("/imports", language))
    content, extension = (TABLES[language], "csv") if is_table else (IMPORT, "jsonl")
    name = f"incidents-{time_ns() % 100_000}.{extension}"
    page.locator("#file").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content.encode()}
    )
    send(page.locator("main form button"))
    _look_again(page)


def _look_again(page: Page) -> None:
    """Open the page of an import again, as a reader would, until it has ended."""
    while page.locator("main progress").count():
        page.wait_for_timeout(200)
        page.reload()


def _import(tab: Tab, language: str) -> None:
    _try_import(tab, language)
    for box in tab.page.locator("main input[type=checkbox]").all():
        box.check()
    send(tab.page.locator("main form.confirm button"))
    _look_again(tab.page)


def open_waiting(address: str) -> Callable[[Tab, str], Page]:
    """What opens the page on which something that waits for a review is decided."""

    def follow(tab: Tab, language: str) -> Page:
        page = tab.open(in_language("/waiting", language))
        with page.expect_navigation():
            page.locator(f"main .rows a[href*='{address}']").first.click()
        return page

    return follow


def _decide_unread(tab: Tab, language: str) -> None:
    page = open_waiting("/proposals/")(tab, language)
    send(page.locator("#decision button[value=publish]"))


def _send_empty(path: str) -> Callable[[Tab, str], object]:
    """Send the form of a page as it is opened."""
    return lambda tab, language: send(tab.open(in_language(path, language)).locator("main form button").first)


def _edit_unread(tab: Tab, language: str) -> None:
    """Change what somebody else has changed since the form was opened."""
    page = tab.open(in_language("/incidents/3/edit/severity", language))
    page.locator("#severity_evidence").fill(f"Some {time_ns() % 100_000} people mocked it.")
    send(page.locator("main form button").first)
    page.goto(in_language(f"{tab.site}/incidents/3/edit/severity", language))
    page.locator("input[name=version]").evaluate("field => { field.value -= 1; }")
    page.locator("#severity_evidence").fill("Half of the replies mocked it.")
    send(page.locator("main form button").first)


def _make_token(tab: Tab, language: str) -> None:
    page = tab.open(in_language("/account/tokens/new", language))
    page.locator("#name").fill(f"Dashboard {time_ns() % 100_000}")
    send(page.locator("main form button").last)


SENT = (
    Form("check-result", check_draft),
    Form("check-clear", lambda tab, language: check_draft(tab, language, "Our shop opens at nine.")),
    Form("check-empty", lambda tab, language: check_draft(tab, language, " ")),
    Form("check-calendar-result", check_calendar),
    Form("check-calendar-dates", lambda tab, language: check_calendar(tab, language, AMBIGUOUS_CALENDAR)),
    Form("check-again", _check_again),
    Form("guard-tried", _try_guard),
    Form("form-expired", _send_after_expiry),
    Form("sign-in-refused", _sign_in_wrongly),
    Form("check-receipt", _open_receipt, for_members=True),
    Form("check-harmless", _follow_from_receipt("/findings/1/not-a-problem"), for_members=True),
    Form("check-near-miss", _follow_from_receipt("/near-miss"), for_members=True),
    Form("check-calendar-kept", _keep_calendar, for_members=True),
    Form("check-calendar-row", _open_row, for_members=True),
    Form("token", _make_token, for_members=True),
    Form("incident-review", open_waiting("/review"), for_members=True),
    Form("proposal", open_waiting("/proposals/"), for_members=True),
    Form("proposal-unread", _decide_unread, for_members=True),
    Form("incident-new-wrong", _send_empty("/incidents/new"), for_members=True),
    Form("incident-translation-wrong", _send_empty("/incidents/3/translate?in=fr"), for_members=True),
    Form("incident-part-wrong", _send_empty("/incidents/3/edit/sources/new"), for_members=True),
    Form("incident-part-unread", _edit_unread, for_members=True),
    Form("guard-tested", write_guard, for_members=True),
    Form("guard-wrong", _write_guard_wrongly, for_members=True),
    Form("collection-file-tried", _send_collection, for_admins=True),
    Form("collection-file-wrong", _send_wrong_collection, for_admins=True),
    Form("import-tried", _try_import, for_admins=True),
    Form("import-guessed", partial(_try_import, is_table=True), for_admins=True),
    Form("import-done", _import, for_admins=True),
)
"""What answers a form. A wrong password too often would shut the door: use `sign-in-refused` sparingly."""
