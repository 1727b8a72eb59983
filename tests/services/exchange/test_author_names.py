"""Names of authors in exports, for an installation that gives its users other ids."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select, update

from kb.models import Revision, User, db
from kb.services.exchange.author_names import AuthorNames
from tests.support.api import Api
from tests.support.transactions import executed_statements


def principal_of(incident_id: int) -> str:
    """The principal of the first revision of an incident."""
    found = db.session.scalar(select(Revision.principal).where(Revision.incident_id == incident_id))
    assert found is not None
    return found


def test_users_have_their_current_name(app: Flask, person: Callable[..., Api]) -> None:
    filed = person("Dana", main="contributor").file()
    with app.app_context():
        principal = principal_of(filed["id"])
        assert principal.startswith("user:")
        assert AuthorNames().of_principals([principal]) == ["Dana"]
        db.session.execute(update(User).where(User.name == "Dana").values(name="Dana Levi"))
        assert AuthorNames().of_principals([principal]) == ["Dana Levi"]


def test_others_have_the_last_name_that_they_wrote_under(app: Flask, contributor: Api) -> None:
    first, second = contributor.file(), contributor.file(title="Another title")
    with app.app_context():
        principal = principal_of(first["id"])
        assert not principal.startswith("user:")
        rows = {Revision.incident_id == second["id"]: "the bot", Revision.incident_id == first["id"]: "bot"}
        for row, name in rows.items():
            db.session.execute(update(Revision).where(row).values(author=name))
        assert AuthorNames().of_principals([principal]) == ["the bot"]


def test_names_that_an_import_brought_stay_and_those_that_nothing_tells_are_left_out(app: Flask) -> None:
    with app.app_context():
        principals = ["name:Noa", "name:Avi", "user:4711", "token:4711", "name:Noa"]
        assert AuthorNames().of_principals(principals) == ["Avi", "Noa"]
        assert AuthorNames().of_principals([]) == []


def test_each_name_is_looked_up_once(app: Flask, person: Callable[..., Api]) -> None:
    filed = person("Dana", main="contributor").file()
    with app.app_context():
        principal, names = principal_of(filed["id"]), AuthorNames()
        assert names.of_principals([principal, "token:4711"]) == ["Dana"]
        with executed_statements() as statements:
            assert names.of_principals([principal, "token:4711"]) == ["Dana"]
    assert statements == []


def test_the_words_of_another_author_are_exported_by_name(
    app: Flask, admin: Api, person: Callable[..., Api]
) -> None:
    dana, noa = person("Dana", main="contributor"), person("Noa", main="reviewer")
    filed = dana.file()
    path = f"/incidents/{filed['id']}"
    etag = noa.get(path).headers["ETag"]
    changed = noa.patch(path, {"title": "Another title"}, If_Match=etag)
    assert changed.status_code == 200, changed.get_json()
    restored = noa.post(f"{path}/revisions/1/restore", {}, If_Match=changed.headers["ETag"])
    assert restored.status_code == 200, restored.get_json()
    lines = admin.get("/export", format="jsonl", history="true").get_data(as_text=True).splitlines()
    (line,) = [json.loads(line) for line in lines if json.loads(line)["id"] == filed["id"]]
    assert [each["words_of"] for each in line["revisions"]] == [[], [], ["Dana"]]
