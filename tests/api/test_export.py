"""Exports over HTTP."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from kb import pauses
from kb.api import export
from kb.services.exchange.exports.exporting import export_chunks
from tests.support.api import Api
from tests.support.exports import titles_while
from tests.support.incidents import incident


def _lines(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.data.splitlines()]


def test_lines_have_what_the_caller_may_read_of_an_incident(
    admin: Api, anonymous: Api, person: Callable[..., Api]
) -> None:
    member, other = person("Dana Levi", north="reader"), person("Eve", south="admin")
    path = f"/incidents/{admin.file(team='north', status='published')['id']}"
    admin.post(f"{path}/comments", {"text": "For all."})
    admin.post(f"{path}/comments", {"text": "For us.", "internal": True})
    admin.post(f"{path}/actions", {"title": "Write a check list"})
    draft = admin.file(team="north", title="A draft")["id"]
    for caller in (anonymous, other):
        lines = _lines(caller.get("/export"))
        assert draft not in [line["id"] for line in lines]
        assert [comment["text"] for comment in lines[6]["comments"]] == ["For all."]
        assert not {"actions", "review_events", "revisions"} & lines[6].keys()
    line, draft_line = _lines(member.get("/export"))[6:]
    assert draft_line["id"] == draft
    assert [comment["text"] for comment in line["comments"]] == ["For all.", "For us."]
    assert [action["title"] for action in line["actions"]] == ["Write a check list"]
    assert [event["step"] for event in line["review_events"]] == ["publish"]
    assert admin.get("/export", history="true").status_code == 200
    for caller, status in ((member, 403), (anonymous, 401)):
        assert caller.get("/export", history="true").status_code == status


def test_an_export_shows_one_state_from_the_first_page_to_the_last(
    any_role: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.services.exchange.exports.selection.PAGE_SIZE", 2)
    admin, anonymous = any_role("site_admin"), any_role()
    before = titles_while(anonymous, lambda: None)
    for caller in (admin, anonymous):
        assert titles_while(caller, lambda: admin.file(title="Zebra", status="published")) == before
        before = titles_while(admin, lambda: None)


def test_withdrawn_incidents_are_exported_unless_a_status_is_asked_for(admin: Api) -> None:
    gone = admin.file()["id"]
    assert admin.delete(f"/incidents/{gone}", If_Match="*").status_code == 204
    assert gone in [line["id"] for line in _lines(admin.get("/export"))]
    assert gone not in [line["id"] for line in _lines(admin.get("/export", status="draft,published"))]


def test_an_export_names_the_change_after_which_the_next_one_begins(admin: Api, anonymous: Api) -> None:
    seq = admin.get("/export").headers["Change-Seq"]
    draft = admin.file()["id"]
    later = admin.get("/export", since=seq)
    assert [line["id"] for line in _lines(later)] == [draft]
    assert int(later.headers["Change-Seq"]) == int(seq) + 1
    unseen = anonymous.get("/export", since=seq)
    assert (unseen.data, unseen.headers["Change-Seq"]) == (b"", seq), "that somebody writes is not public"


def test_an_export_is_compressed_if_the_client_asks_for_it(reader: Api) -> None:
    plain = reader.get("/export").data
    response = reader.client.get("/api/v1/export", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.data) == plain
    assert response.headers["Content-Disposition"] == "attachment; filename=incidents.jsonl"


def test_each_format_has_a_path_and_is_a_format_of_the_first(reader: Api) -> None:
    formats = {"csv": ".csv", "markdown": ".zip", "aiid": ".aiid.json", "veris": ".veris.json"}
    for name, ending in formats.items():
        # Not by the contract: the path without an ending is documented with one format.
        of_format = reader.client.get("/api/v1/export", query_string={"format": name})
        assert reader.get(f"/export{ending}").data == of_format.data
    with ZipFile(BytesIO(reader.get("/export.zip").data)) as archive:
        assert "main/mcdonalds-need-copy-and-link.md" in archive.namelist()
    row = reader.get("/export.csv", columns="url,id").text.splitlines()[1]
    assert row == '"http://localhost/api/v1/incidents/1",1'


def test_others_are_served_between_the_parts_of_a_long_document(
    reader: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = reader.get("/export.zip").data
    rests: list[float] = []
    monkeypatch.setattr(pauses, "PIECE_SECONDS", 0.0)
    monkeypatch.setattr(pauses, "rest", lambda: rests.append(0.0))
    assert reader.get("/export.zip").data == plain
    with ZipFile(BytesIO(plain)) as archive:
        assert len(rests) > 10 * len(archive.namelist())


def test_other_databases_of_incidents_get_what_the_caller_may_see_and_the_filters_select(
    admin: Api, anonymous: Api
) -> None:
    dated = admin.file(occurred_on="2019-05", status="published", organization="Zq Ltd")["id"]
    draft = admin.file(occurred_on=None, organization="Zq Ltd")["id"]
    aiid = admin.get("/export.aiid.json", organization="Zq Ltd").get_json()
    assert [(each["incident_id"], each["date"]) for each in aiid] == [(dated, "2019-05"), (draft, "")]
    response = admin.get("/export.veris.json", organization="Zq Ltd")
    assert [each["incident_id"] for each in response.get_json()] == [str(dated)]
    assert response.headers["Left-Out"] == "1"
    assert response.headers["Content-Disposition"] == "attachment; filename=incidents.veris.json"
    for name in ("aiid", "veris"):
        public = anonymous.get(f"/export.{name}.json", organization="Zq Ltd").get_json()
        assert [str(each["incident_id"]) for each in public] == [str(dated)]
        assert anonymous.get(f"/export.{name}.json", organization="Nobody").get_json() == []
        hebrew = anonymous.get(f"/export.{name}.json", lang="he", platform="snapchat").text
        assert ("בריאנה" in hebrew, "סנאפ" in hebrew) == (False, True)
        packed = anonymous.client.get(f"/api/v1/export.{name}.json", headers={"Accept-Encoding": "gzip"})
        assert json.loads(gzip.decompress(packed.data)) == anonymous.get(f"/export.{name}.json").get_json()


def test_site_administrators_get_the_views_as_parquet(any_role: Callable[..., Api]) -> None:
    pyarrow = pytest.importorskip("pyarrow.parquet")
    admin = any_role("site_admin")
    draft = admin.file()["id"]
    response = admin.get("/export.parquet.zip")
    assert (response.status_code, response.content_type) == (200, "application/zip")
    assert admin.get("/export", format="parquet").data == response.data
    with ZipFile(BytesIO(response.data)) as archive:
        assert archive.testzip() is None
        tables = {name: pyarrow.read_table(BytesIO(archive.read(name))) for name in archive.namelist()}
    views = ("v_checks", "v_incident_terms", "v_incidents", "v_trends_monthly")
    assert [*tables] == [f"{view}.parquet" for view in views]
    assert draft in tables["v_incidents.parquet"]["id"].to_pylist()
    entries = admin.get("/audit", event="export").get_json()["items"]
    assert entries[-1]["detail"]["what"].startswith("/api/v1/export.parquet.zip")
    for caller, status in ((any_role("admin"), 403), (any_role(), 401)):
        assert caller.get("/export.parquet.zip").status_code == status
        assert caller.get("/export", format="parquet").status_code == status
        assert caller.get("/export", format="parquet", lang="he").status_code == status


@pytest.mark.parametrize("address", ["/export.veris.json", "/export.parquet.zip"])
def test_an_export_of_any_format_takes_a_place_until_it_is_sent(
    admin: Api, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(export, "_slots", threading.BoundedSemaphore(1))
    begun = admin.client.get(f"/api/v1{address}", headers={"Authorization": f"Bearer {admin.token}"})
    assert admin.get(address).status_code == 503
    begun.close()
    assert admin.get(address).status_code == 200


@pytest.mark.parametrize(
    ("path", "query", "parameter"),
    [
        ("/export", {"bom": "true"}, "bom"),
        ("/export", {"format": "csv", "history": "true"}, "history"),
        ("/export", {"format": "csv", "columns": "mood"}, "columns"),
        ("/export", {"format": "parquet", "platform": "twitter"}, "platform"),
        ("/export", {"format": "veris", "history": "true"}, "history"),
        ("/export.veris.json", {"raw": "true"}, "raw"),
        ("/export.aiid.json", {"format": "jsonl"}, "format"),
        ("/export.csv", {"table": "lessons", "columns": "slug"}, "columns"),
        ("/export.csv", {"format": "jsonl"}, "format"),
        ("/export.zip", {"raw": "true"}, "raw"),
        ("/export", {"since": "-1"}, "since"),
        ("/export", {"limit": "5"}, "limit"),
    ],
)
def test_what_a_format_does_not_have_is_refused(
    reader: Api, path: str, query: dict[str, str], parameter: str
) -> None:
    response = reader.get(path, **query)
    assert response.status_code == 422
    assert [error["parameter"] for error in response.get_json()["errors"]] == [parameter]


def test_an_export_with_a_token_is_in_the_audit_log(admin: Api, anonymous: Api) -> None:
    anonymous.get("/export")
    admin.get("/export.csv", platform="snapchat")
    entries = admin.get("/audit", event="export").get_json()["items"]
    assert [entry["detail"] for entry in entries] == [
        {"what": "/api/v1/export.csv?platform=snapchat", "rows": 1}
    ]


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_a_stream_that_breaks_off_ends_with_a_mark(
    app: Flask, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(export, "export_chunks", _breaking_off(export_chunks))
    received = b""
    chunks = app.test_client().get("/api/v1/export", query_string={"format": name}).iter_encoded()
    for received in chunks:
        if b"cut off" in received:
            break
    assert b"cut off" in received
    with pytest.raises(OperationalError):
        next(chunks)


def _breaking_off(chunks_of: Callable[..., Iterator[bytes]]) -> Callable[..., Iterator[bytes]]:
    def chunks(*arguments: Any) -> Iterator[bytes]:
        whole = chunks_of(*arguments)
        yield next(whole)
        yield next(whole)
        raise OperationalError("SELECT", {}, Exception("the server closed the connection"))

    return chunks


def test_only_some_exports_are_made_at_once(reader: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr(export, "_slots", places)
    with places:
        refused = reader.get("/export")
        assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    assert reader.get("/export", platform="nowhere").status_code == 422
    for _ in range(3):
        assert reader.get("/export").status_code == 200
    head = reader.client.head("/api/v1/export")
    head.close()  # as a server does
    assert head.status_code == 200
    assert places.acquire(blocking=False), "each export has left its place, also one that nobody read"


def test_lines_are_valid_after_a_filter_by_any_field_of_a_list(admin: Api) -> None:
    filed = admin.file(**incident(tags=["a tag"], severity=4, platforms=["tiktok"]))["id"]
    for query in (
        {"tag": "A  TAG"},
        {"severity_min": "4", "platform": "tiktok"},
        {"group": "platform:tiktok"},
        {"language": "en", "status": "draft"},
        {"from": "2019-03", "to": "2019-03"},
    ):
        assert [line["id"] for line in _lines(admin.get("/export", **query))] == [filed], query


def test_exports_have_all_filters_of_lists(reader: Api) -> None:
    pages = {"limit", "cursor", "sort"}
    of_csv, of_lines = {"columns", "raw", "labels", "bom", "delimiter"}, {"format"}
    listed = {*reader.contract.query_parameters("GET", "/incidents")} - pages
    assert listed <= {*reader.contract.query_parameters("GET", "/export")}
    assert listed - of_lines <= {*reader.contract.query_parameters("GET", "/export.csv")}
    assert listed - of_lines - of_csv <= {*reader.contract.query_parameters("GET", "/export.zip")}
