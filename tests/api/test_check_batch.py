"""POST /checks/batch: content calendars."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from werkzeug.test import TestResponse

from kb.api.check_batch import PIECE_BYTES, in_pieces
from kb.config import Settings
from kb.errors import Unavailable
from kb.messages import Message
from kb.web import stream_pieces
from tests.support.api import Api

GUARDS = """\
guards:
  - key: no-walrus
    type: phrase
    severity: stop
    message: {en: 'No walruses: {text}', he: 'בלי סוסי ים: {text}'}
    parameters: {phrases: [walrus special]}
    examples: {bad: [Walrus special], good: [Come in]}
"""


@pytest.fixture
def caller(settings: Settings, anonymous: Api) -> Api:
    """An anonymous caller of an installation that has a guard of its own."""
    (settings.data_dir / "guards.yaml").write_text(GUARDS, "utf-8")
    return anonymous


def _lines(response: TestResponse) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


@pytest.mark.parametrize("name", ["X", "Twitter", "טוויטר"])
def test_a_guard_of_a_file_names_its_platforms_in_any_spelling(
    name: str, settings: Settings, anonymous: Api
) -> None:
    limited = f"{GUARDS}    platforms: [{name}]\n"
    (settings.data_dir / "guards.yaml").write_text(limited, "utf-8")
    drafts = [{"text": "Walrus special", "platform": platform} for platform in ("twitter", "instagram")]

    first, second, _ = _lines(anonymous.post("/checks/batch", drafts))

    assert (first["verdict"], second["verdict"]) == ("stop", "clear")


def test_each_draft_has_a_line_and_the_last_line_has_the_totals(caller: Api) -> None:
    at = "2027-09-11T09:00:00Z"
    drafts = [
        {"text": "Black Friday: walrus special", "platform": "x", "scheduled_at": at},
        {"text": "Good morning", "platform": "Twitter", "scheduled_at": "2027-09-11T09:10:00Z"},
        {"text": "Good evening", "platform": "twiter"},
        {"txt": "Good night"},
        7,
        {"text": "walrus special", "suppress": [{"guard": "no-walrus", "reason": "A quotation."}]},
    ]
    *rows, last = _lines(caller.post("/checks/batch", drafts))
    assert [row["row"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["verdict"] for row in rows] == ["stop", "clear", "clear", None, None, "clear"]
    assert rows[0]["findings"][0]["span"] == {"start": 14, "end": 28, "text": "walrus special"}
    assert (rows[0]["clashes"][0]["rows"], rows[1]["clashes"][0]["rows"]) == ([2], [1])
    assert (rows[0]["platform"], rows[2]["platform"]) == ("twitter", None)
    assert "twiter" in rows[2]["notes"][0]["detail"]
    assert {error["pointer"] for error in rows[3]["error"]["errors"]} == {"/text", "/txt"}
    assert rows[5]["suppressed"][0]["findings"] == 1
    assert last["totals"] == {
        "rows": 6, "stop": 1, "caution": 0, "clear": 3, "invalid": 2, "clashing": 2,
    }  # fmt: skip
    assert len(last["ruleset"]) == 64


def test_a_line_names_the_precedents_of_its_draft(reader: Api) -> None:
    row, _ = _lines(reader.post("/checks/batch", [{"text": "Black Friday **** Need copy and link****"}]))
    assert row["verdict"] == "stop"
    assert row["precedents"][0].keys() == {"incident", "title", "strength"}
    assert row["precedents"][0]["incident"] == 3


def test_csv_is_read_with_the_columns_and_the_zone_of_the_query(caller: Api) -> None:
    content = "יום;שעה;מלל\r\n11/09/2027;09:00;walrus special\r\n31/09/2027;09:00;שלום\r\n".encode("cp1255")
    query = "columns=text=מלל,scheduled_at=יום%2Bשעה&time_zone=Asia/Jerusalem&date_order=dmy&lang=he"
    for path in ("/checks/batch.csv", "/checks/batch"):
        response = caller.request("POST", f"{path}?{query}", data=content, content_type="text/csv")
        first, second, last = _lines(response)
        assert (first["row"], first["verdict"]) == (2, "stop")
        assert first["findings"][0]["message"].startswith("בלי סוסי ים")
        assert second["verdict"] == "clear"
        assert "31" in second["notes"][0]["detail"]
        assert "הבדיקה" in last["notice"]


def test_a_zone_is_not_needed(reader: Api) -> None:
    content = b"text,scheduled_at\nGood morning,2027-09-11 09:00\n"
    row, _ = _lines(reader.request("POST", "/checks/batch.csv", data=content, content_type="text/csv"))
    assert row["verdict"] == "clear"


def test_what_refuses_the_whole_calendar_is_a_problem_before_the_answer_begins(reader: Api) -> None:
    assert reader.post("/checks/batch", {"text": "a"}).status_code == 422
    assert reader.post("/checks/batch", [{"text": "a"}] * 5_001).status_code == 422
    as_csv = {"data": b"a,b\n1,2\n", "content_type": "text/csv"}
    response = reader.request("POST", "/checks/batch.csv", **as_csv)
    assert response.get_json()["errors"] == [
        {
            "parameter": "columns",
            "detail": "Which column has the text? Write columns=text=NAME. The columns are: a, b.",
        }
    ]
    assert reader.request("POST", "/checks/batch.csv", json=[]).status_code == 415
    assert reader.request("POST", "/checks/batch", data=b"x", content_type="text/plain").status_code == 415
    assert (
        reader.request("POST", "/checks/batch", data=b"[", content_type="application/json").status_code == 400
    )


def test_a_calendar_without_posts_is_refused_with_what_to_send(reader: Api) -> None:
    as_json = reader.post("/checks/batch", [])
    header_alone = {"data": "Date,Copy\n", "content_type": "text/csv"}
    as_csv = [reader.request("POST", path, **header_alone) for path in ("/checks/batch.csv", "/checks/batch")]
    for answer in (as_json, *as_csv):
        assert answer.status_code == 400
        assert answer.get_json()["detail"].startswith("The calendar has no posts. ")
    assert '[{"text": ...}, ...]' in as_json.get_json()["detail"]
    empty = reader.request("POST", "/checks/batch.csv", data="", content_type="text/csv")
    assert empty.status_code == 400


def test_countries_of_a_calendar_are_those_of_rows_that_name_none(anonymous: Api) -> None:
    # Memorial Day of Israel in 2027 begins in the evening of May 10.
    body = "Date,Copy,Country\n2027-05-11 10:00,Huge sale today!,\n2027-05-11 10:00,Huge sale now!,US\n"
    url = "/checks/batch.csv?country=IL&time_zone=Asia/Jerusalem"
    response = anonymous.request("POST", url, data=body, content_type="text/csv")
    first, second, _totals = _lines(response)
    assert first["findings"]
    assert not second["findings"]


@pytest.mark.parametrize(
    ("country", "query", "zone"),
    [
        ("ישראל", "", "Asia/Jerusalem"),
        ("", "country=IL", "Asia/Jerusalem"),
        ("Germany", "", "Europe/Berlin"),
        ("Israel", "time_zone=America/New_York", "America/New_York"),
        ("Israel, Germany", "", "UTC"),
        ("US", "", "UTC"),
        ("", "", "UTC"),
    ],
)
def test_times_are_in_the_zone_of_the_only_country_unless_the_query_names_one(
    anonymous: Api, country: str, query: str, zone: str
) -> None:
    body = f'Date,Copy,Country\n2027-05-11 18:00,Huge sale today!,"{country}"\n'.encode()
    url = f"/checks/batch.csv?{query}"
    row, last = _lines(anonymous.request("POST", url, data=body, content_type="text/csv"))
    assert last["time_zone"] == zone
    local = datetime(2027, 5, 11, 18, tzinfo=ZoneInfo(zone))
    assert row["scheduled_at"] == local.isoformat()


def test_an_evening_on_memorial_day_is_read_where_the_posts_are_published(anonymous: Api) -> None:
    # In Israel, Memorial Day of 2027 ends in the evening of May 11.
    body = "תאריך;שעה;ערוץ;טקסט;מדינה\n11/5/27;18:00;טיקטוק;מסיבת ענק! 50% הנחה;ישראל\n".encode()
    response = anonymous.request("POST", "/checks/batch.csv", data=body, content_type="text/csv")
    row, _totals = _lines(response)
    assert "mourning-day" in {finding["guard"] for finding in row["findings"]}


def test_no_zone_is_named_if_no_time_needs_one(anonymous: Api) -> None:
    _row, last = _lines(anonymous.post("/checks/batch", [{"text": "Hello"}]))
    assert last["time_zone"] is None
    body = b"Date,Copy,Country\n2027-05-11T18:00Z,Hello,IL\n,Hello,IL\n"
    *_rows, last = _lines(anonymous.request("POST", "/checks/batch.csv", data=body, content_type="text/csv"))
    assert last["time_zone"] is None


@pytest.mark.parametrize("cells", ["46641,0.375", "46641,9:00", "2027-09-11,0.375"])
def test_day_guards_see_the_day_of_a_spreadsheet_beside_a_time(anonymous: Api, cells: str) -> None:
    content = f"Date,Time,Copy\n{cells},Half price sale\n"
    url = "/checks/batch.csv?country=US"
    row, _totals = _lines(anonymous.request("POST", url, data=content, content_type="text/csv"))
    assert row["scheduled_at"] == "2027-09-11T09:00:00+00:00"
    assert row["findings"]


def test_a_text_in_two_languages_is_checked_in_both_and_is_one_post_among_the_others(caller: Api) -> None:
    content = (
        "Date,Time,Channel,Post copy (EN),Caption HE\n"
        "2027-06-02,10:00,Facebook,Good morning,walrus special\n"
        "2027-06-02,10:05,Facebook,Good evening,ערב טוב\n"
    )
    *rows, last = _lines(caller.request("POST", "/checks/batch.csv", data=content, content_type="text/csv"))
    assert [(row["row"], row["column"], row["verdict"]) for row in rows] == [
        (2, "Post copy (EN)", "clear"),
        (2, "Caption HE", "stop"),
        (3, "Post copy (EN)", "clear"),
        (3, "Caption HE", "clear"),
    ]
    assert [[clash["rows"] for clash in row["clashes"]] for row in rows] == [[[3]], [[3]], [[2]], [[2]]]
    assert last["totals"]["clashing"] == 4


def test_an_unknown_country_of_a_calendar_is_refused(anonymous: Api) -> None:
    response = anonymous.request(
        "POST", "/checks/batch.csv?country=XX", data="Copy\nHello\n", content_type="text/csv"
    )
    assert response.status_code == 422


def test_rows_are_sent_several_at_once_after_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_pieces, "PIECE_SECONDS", 1_000.0)
    lines = [b"%05d\n" % number for number in range(12_000)]
    pieces = [*in_pieces(lines)]
    assert b"".join(pieces) == b"".join(lines)
    assert pieces[0] == lines[0]
    assert {len(piece) >= PIECE_BYTES for piece in pieces[1:-1]} == {True}
    assert len(pieces) == 4


def test_rows_that_come_slowly_are_not_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_pieces, "PIECE_SECONDS", 0.0)
    assert [*in_pieces([b"1", b"2", b"3"])] == [b"1", b"2", b"3"]


def test_a_first_row_that_comes_late_is_awaited_in_empty_pieces_and_sent_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_pieces, "PIECE_SECONDS", 0.0)
    assert [*in_pieces([b"", b"", b"1"])] == [b"", b"", b"1"]
    monkeypatch.setattr(stream_pieces, "PIECE_SECONDS", 1_000.0)
    assert [*in_pieces([b"", b"", b"1", b"2", b"3"])] == [b"1", b"23"]


def test_rows_before_one_that_fails_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_pieces, "PIECE_SECONDS", 1_000.0)

    def lines() -> Iterator[bytes]:
        yield from (b"1", b"2", b"3")
        raise Unavailable(Message("The index is being rebuilt."))

    sent: list[bytes] = []
    with pytest.raises(Unavailable):
        sent.extend(in_pieces(lines()))
    assert b"".join(sent) == b"123"


def test_a_suppression_ends_with_the_day_where_the_caller_is(
    settings: Settings, person: Callable[..., Api]
) -> None:
    (settings.data_dir / "guards.yaml").write_text(GUARDS, "utf-8")
    now = datetime.now(UTC)
    # One of the two has another day than UTC: the first is 14 hours ahead, the second is 11 behind.
    is_ahead = now.hour >= 10
    zone = "Pacific/Kiritimati" if is_ahead else "Pacific/Pago_Pago"
    until = now.date() if is_ahead else now.date() - timedelta(days=1)
    dana = person("Dana", north="reader")
    assert dana.patch("/me", {"time_zone": zone}, If_Match="*").status_code == 200
    suppress = [{"guard": "no-walrus", "reason": "A quotation.", "until": until.isoformat()}]
    draft = {"text": "walrus special", "suppress": suppress}
    expected = "stop" if is_ahead else "clear"
    assert dana.post("/checks", draft).get_json()["verdict"] == expected
    assert _lines(dana.post("/checks/batch", [draft]))[0]["verdict"] == expected
