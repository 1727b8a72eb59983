"""A browser without a script: it opens pages, follows links and sends forms, as a reader would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kb.pages.session import SESSION_COOKIE
from tests.support.api import Api
from tests.support.tracing import untraced

_HTML = {"Accept": "text/html"}


@dataclass
class Page:
    """A page as it was answered."""

    url: str
    response: TestResponse

    def __post_init__(self) -> None:
        """Receive all of it, as a browser does: some answers do their work meanwhile."""
        self.response.get_data()

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The content, parsed when a test first looks at it."""
        return untraced(BeautifulSoup, self.response.get_data(as_text=True), "html.parser")

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def heading(self) -> str:
        """The text of the first heading."""
        heading = self.soup.find("h1")
        assert heading is not None, self.text
        return _text(heading)

    @property
    def text(self) -> str:
        """The text of the content, without navigation."""
        content = self.soup.find("main")
        return _text(content if content is not None else self.soup)

    def texts(self, selector: str) -> list[str]:
        """The texts of the elements that a CSS selector finds."""
        return [_text(element) for element in self.soup.select(selector)]

    def one(self, selector: str) -> Tag:
        """The only element that a CSS selector finds."""
        (element,) = self.soup.select(selector)
        return element

    def link(self, text: str) -> str:
        """The address of the first link whose text begins with these words."""
        links = (link for link in self.soup.find_all("a") if _text(link).startswith(text))
        found = next(links, None)
        assert found is not None, f"No link {text!r} in: {self.text}"
        return str(found["href"])


@dataclass
class Browser:
    """Opens pages for one visitor, in one language."""

    client: FlaskClient
    language: str = "en"

    def open(self, url: str) -> Page:
        """Open an address, and follow redirects."""
        headers = {**_HTML, "Accept-Language": self.language}
        response = self.client.get(url, headers=headers, follow_redirects=True)
        return Page(_path_of(response.request.url), response)

    def follow(self, page: Page, text: str) -> Page:
        """Follow the first link whose text begins with these words."""
        return self.open(urljoin(page.url, page.link(text)))

    def send(self, page: Page, button: str, **values: str | list[str] | tuple[BytesIO, str]) -> Page:
        """Press the button with this text, after filling in the fields of its form."""
        pressed = next((each for each in page.soup.find_all("button") if _text(each) == button), None)
        assert pressed is not None, f"No button {button!r} in: {page.text}"
        form = _form_of(page, pressed)
        sent: dict[str, list[str] | str | tuple[BytesIO, str]] = {**_fields_of(page, form), **values}
        if pressed.get("name"):
            sent[str(pressed["name"])] = str(pressed.get("value", ""))
        action = pressed.get("formaction") or form.get("action")
        url = urljoin(page.url, str(action or page.url))
        headers = {**_HTML, "Accept-Language": self.language}
        if str(form.get("method", "get")).lower() == "get":
            response = self.client.get(url, query_string=sent, headers=headers, follow_redirects=True)
        else:
            # Browsers say from which site a form is.
            headers["Origin"] = "http://localhost"
            response = self.client.post(url, data=sent, headers=headers, follow_redirects=True)
        return Page(_path_of(response.request.url), response)


def visitor(api: Api, language: str = "en") -> Browser:
    """A browser of the caller of an API client: signed in, if that has a token."""
    client = api.client.application.test_client()
    if api.token is not None:
        client.set_cookie(SESSION_COOKIE, api.token)
    return Browser(client, language)


def try_file(browser: Browser, content: bytes, name: str = "mine.jsonl", **fields: str) -> Page:
    """Choose a file on the page for imports, and have it tried."""
    return browser.send(browser.open("/imports"), "Try the file", file=(BytesIO(content), name), **fields)


def page_views(app: Flask) -> set[str]:
    """The names of the views of pages: all others belong to the API."""
    return {name.removeprefix("pages.") for name in app.view_functions if name.startswith("pages.")}


Visit = Callable[..., Browser]


def _form_of(page: Page, control: Tag) -> Tag:
    """The form that a control belongs to: the one that it names, or that it stands in."""
    form = page.soup.find(id=control["form"]) if control.has_attr("form") else control.find_parent("form")
    assert form is not None
    return form


def _fields_of(page: Page, form: Tag) -> dict[str, list[str]]:
    """What a form sends if nothing is changed."""
    sent: dict[str, list[str]] = {}
    for control in page.soup.find_all(["input", "textarea", "select"]):
        name, kind = str(control.get("name") or ""), str(control.get("type") or "")
        is_off = kind in ("checkbox", "radio") and not control.has_attr("checked")
        if not name or is_off or kind in ("file", "submit", "button"):
            continue
        if _form_of(page, control) is form:
            sent.setdefault(name, []).append(_value_of(control, kind))
    return sent


def _value_of(control: Tag, kind: str) -> str:
    if control.name == "select":
        chosen = control.find("option", selected=True) or control.find("option")
        return str(chosen.get("value", _text(chosen))) if chosen is not None else ""
    if control.name == "textarea":
        return control.get_text().removeprefix("\n")  # the one after the tag, which browsers leave out
    return str(control.get("value", "on" if kind in ("checkbox", "radio") else ""))


def _text(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}{'?' if parts.query else ''}{parts.query}"
