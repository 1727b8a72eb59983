"""Text that was removed leaves no trace: a word is edited out or hidden, and looked for at every address."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, NamedTuple

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.api import Api
from tests.support.incidents import incident, lesson_guard
from tests.support.pages import visitor

pytestmark = pytest.mark.slow

WORD = "zqgoneword"
TRIGGER = "zqtrigger"
"""What the guard of the lesson looks for, in either state."""

_TEXTS = (
    "title",
    "summary",
    "cause",
    "outcome",
    "why_failure",
    "alternative",
    "severity_evidence",
    "audience",
)


def _content(word: str) -> dict[str, Any]:
    """An incident that has a word in every field that takes text."""
    url = f"https://example.com/{word}"
    message = {"en": f"{word} minds: {{text}}", "he": f"{word}: {{text}}"}
    example = [{"text": f"{TRIGGER} {word}"}]
    guard = lesson_guard(
        message=message,
        suggestion=message,
        parameters={"phrases": [TRIGGER, word]},
        examples={"bad": example, "good": [{"text": "Good morning"}]},
    )
    return incident(
        **{name: f"{word} {name}" for name in _TEXTS},
        organization=f"{word} Ltd",
        tags=[f"{word} tag"],
        sources=[{"title": f"{word} news", "publisher": f"{word} daily", "url": url, "archive_url": url}],
        impacts=[{"kind": "market_value", "amount": 1e6, "currency": "USD", "source": f"{word} paper"}],
        responses=[{"kind": "apology", "at": "2019-03-02"}],
        lessons=[{"text": f"{word} lesson", "guard": guard}],
        platforms=["twitter"],
    )


def _translation(word: str) -> dict[str, Any]:
    return {
        **dict.fromkeys(_TEXTS, f"{word} בעברית"),
        "lessons": [{"text": f"{word} לקח"}],
    }


class Removal(NamedTuple):
    """How the word goes.

    `edited` says whether it goes for its own team as well; `slug` whether it may stay in the slug, which was
    public.
    """

    remove: Callable[[Api, str], None]
    published: bool = True
    edited: bool = False
    slug: bool = False


def _edit(admin: Api, path: str) -> None:
    content = {name: value for name, value in _content("other").items() if name != "language"}
    changed = admin.patch(path, {**content, "acknowledge": ["private_names"]}, If_Match="*")
    assert changed.status_code == 200, changed.text
    translated = admin.put(f"{path}/translations/he", _translation("אחר"), If_Match="*")
    assert translated.status_code == 200, translated.text


def _edit_and_publish(admin: Api, path: str) -> None:
    _edit(admin, path)
    assert admin.step(path, "submit").status_code == 200
    published = admin.step(path, "publish", acknowledge=["private_names", "open_comments"])
    assert published.status_code == 200, published.text


def _take(step: str) -> Callable[[Api, str], None]:
    def take(admin: Api, path: str) -> None:
        assert admin.step(path, step, comment=f"{WORD} went").status_code == 200

    return take


def _narrow(admin: Api, path: str) -> None:
    assert admin.patch(path, {"visibility": "team"}, If_Match="*").status_code == 200


def _merge(admin: Api, path: str) -> None:
    other = admin.file(**_content("other"), team="north", status="published")["id"]
    merged = admin.post(f"{path}/duplicate-of/{other}", {"comment": WORD}, If_Match="*")
    assert merged.status_code == 200, merged.text


REMOVALS = {
    "edited out in review": Removal(_edit_and_publish, published=False, edited=True),
    "edited out of what is public": Removal(_edit, edited=True, slug=True),
    "withdrawn": Removal(_take("withdraw")),
    "reopened": Removal(_take("reopen")),
    "shown to the team only": Removal(_narrow),
    "merged into another": Removal(_merge),
}

TEAM = "its own team"


@pytest.mark.parametrize("name", REMOVALS)
def test_a_word_that_was_removed_is_nowhere(app: Flask, person: Callable[..., Api], name: str) -> None:
    removal = REMOVALS[name]
    admin = person("Ada Admin", site_admin=True, north="admin")
    readers = {
        "anonymous": Api(app.test_client(), admin.contract),
        "another team": person("Eve", south="admin"),
    }
    if removal.edited:
        readers[TEAM] = person("Noa", north="reader")
    path = _file(admin, published=removal.published)
    values = {**VALUES, "incident_id": path.rpartition("/")[2], "guard": _guard(admin, path)}
    # Before it goes, everybody looks: what is cached or stored for them must follow.
    checks = {caller: _check(reader) for caller, reader in readers.items()}
    for caller, reader in readers.items():
        answers = [*_answers(app, reader, {**values, "check_id": str(checks[caller])})]
        shown = any(WORD in text for _, text in answers)
        assert shown is (removal.published or caller == TEAM)
    removal.remove(admin, path)
    slug = f"{WORD}-ltd-{WORD}-title" if removal.slug else "-"
    traces = [
        f"{caller} at {address}: ...{text[max(0, text.find(WORD) - 100) : text.find(WORD) + 80]}..."
        for caller, reader in readers.items()
        for address, answer in _answers(app, reader, {**values, "check_id": str(checks[caller])})
        if caller != TEAM or not (address == COMMENTED or any(part in address for part in HISTORY))
        if WORD in (text := answer.replace(slug, ""))
    ]
    assert not traces, "\n".join(traces)


def _file(admin: Api, *, published: bool) -> str:
    status = "published" if published else "draft"
    body = {**_content(WORD), "team": "north", "status": status, "comment": f"{WORD} comment"}
    filed = admin.post("/incidents", {**body, "acknowledge": ["private_names"]})
    assert filed.status_code == 201, filed.text
    path = f"/incidents/{filed.get_json()['id']}"
    assert admin.put(f"{path}/translations/he", _translation(WORD), If_Match="*").status_code == 201
    # What is public has no open comments here: they stay as their authors wrote them.
    remark = {"text": f"{WORD} remark", "about": "title", "internal": published}
    assert admin.post(f"{path}/comments", remark).status_code == 201
    assert admin.post(f"{path}/actions", {"title": f"{WORD} action", "owner": WORD}).status_code == 201
    return path


def _guard(admin: Api, path: str) -> str:
    """The key of the guard of its lesson."""
    return f"lesson:{admin.get(path).get_json()['lessons'][0]['id']}"


def _check(api: Api) -> int:
    """Check a draft that the guard finds, and return the number of its receipt, 0 if there is none."""
    draft = {"text": f"Buy {TRIGGER} now", "keep_text": True, "platform": "twitter"}
    return api.post("/checks", draft).get_json()["id"] or 0


QUESTIONS = (
    f"search?q={WORD[:-2]}*&facets=category,industry,platform&explain=true",
    f"search?q={WORD[:-1]}x&explain=true",
    f"search?q=org:{WORD[:-1]}x",
    f"search?q={TRIGGER}%20title",
    "search?q=other&limit=100",
    "search?status=draft,in_review,published,withdrawn&limit=100&boosts=none",
    f"suggest?q={WORD[:5]}",
    "incidents?status=draft,in_review,published,withdrawn&limit=100",
    "incidents.csv?status=draft,in_review,published,withdrawn&limit=100&columns=all",
    "trends?group_by=organization,team&status=draft,in_review,published,withdrawn&interval=year",
    "trends.csv?group_by=organization",
    "changes?limit=1000",
    "changes.atom?status=draft,in_review,published,withdrawn&lang=he",
    "calendar?from=2017&to=2020&country=US,IL",
)
PAGES = (
    f"/search?q={WORD[:-1]}x",
    f"/search?q={WORD[:-2]}*&lang=he",
    f"/search/suggest?q={WORD[:5]}",
    "/search.csv?q=title",
    "/trends?group_by=organization",
    "/calendar?month=2019-03&country=IL",
)

VALUES = {
    "number": "1",
    "first": "1",
    "last": "2",
    "key": "wrong-account",
    "namespace": "category",
    "kind": "incident",
    "slug": "a-slug",
    "comment_id": "1",
    "action_id": "1",
    "proposal_id": "1",
    "job_id": "1",
}
"""What stands in addresses, besides the incident, its guard and the receipt of the reader."""

COMMENTED = "/api/v1/export"
"""Where incidents come with the comments on them."""

HISTORY = ("revisions", "diff", "history", "events", "comments", "audit", "actions", "api/v1/proposals")
"""Where the team of an incident finds what it said before, and what was said of it."""


def _answers(app: Flask, api: Api, values: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The answers to everything that can be asked by GET, to a check, and to filing something like it."""
    browser = visitor(api)
    addresses = [*PAGES, *(f"/api/v1/{question}" for question in QUESTIONS)]
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments <= values.keys():
            _, address = rule.build({name: values[name] for name in rule.arguments}) or ("", "")
            addresses.append(address)
    token = {} if api.token is None else {"Authorization": f"Bearer {api.token}"}
    for address in addresses:
        headers = token if address.startswith("/api/") else {}
        yield address, _text(browser.client.get(address, headers=headers))
    draft = {"text": f"Buy {TRIGGER} now", "keep_text": True, "platform": "twitter"}
    for address, body in (("/checks", draft), ("/checks/batch", [draft])):
        yield f"POST {address}", api.post(address, body).get_data(as_text=True)
    if api.token is not None:
        copy = api.post("/incidents", {**_content("other"), "visibility": "team"})
        yield "POST /incidents", copy.get_data(as_text=True)


def _text(response: TestResponse) -> str:
    """The text of an answer; of an archive that of its files, and their names."""
    if response.mimetype != "application/zip":
        return response.get_data(as_text=True)
    with zipfile.ZipFile(BytesIO(response.get_data())) as archive:
        return "\n".join(f"{name}\n{archive.read(name).decode()}" for name in archive.namelist())
