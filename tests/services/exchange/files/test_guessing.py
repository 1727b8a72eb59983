"""Mappings that are guessed for tables of others, and what an import makes of the tables with them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from kb.cli.importing.mapping_text import mapping_text
from kb.errors import MalformedInput
from kb.services.exchange.files.formats import read_incident_file
from kb.services.exchange.files.guessing import guess_mapping
from kb.services.exchange.files.mapping import ReadOptions, read_mapping
from kb.services.exchange.imports import importing
from tests.support.spreadsheets import AGENCY, AGENCY_SHEET, HEBREW, TICKETS, workbook


def _imported(content: str | bytes) -> tuple[str, list[dict[str, Any]]]:
    """The guessed mapping of a table, and the incidents that an import would add with it as it is."""
    file = BytesIO(content.encode() if isinstance(content, str) else content)
    text = mapping_text(guess_mapping(file, ReadOptions()))
    checked = importing.check_entries(
        read_incident_file(file, ReadOptions(mapping=read_mapping(text))), "main"
    )
    assert checked.errors == []
    return text, [line.data for line in checked.lines]


def test_the_log_of_an_agency_is_imported_with_its_guessed_mapping() -> None:
    text, incidents = _imported(AGENCY)
    assert "Account manager: null" in text
    assert "# Dana | Noa" in text
    assert "Quarterly zzz: null" in text
    flood, ceo, typo = incidents
    assert [each["organization"] for each in incidents] == ["Acme", "Globex", "Initech"]
    assert [each["occurred_on"].first.isoformat() for each in incidents] == [
        "2018-05-25", "2017-11-24", "2018-06-01",
    ]  # fmt: skip
    assert flood["title"] == "A joke about a flood went out on the main account"
    assert [lesson["text"] for lesson in flood["lessons"]] == ["Read posts twice.", "Check the news first."]
    assert [each["severity"] for each in incidents] == [4, 2, 3]
    assert [source["url"] for source in ceo["sources"]] == ["https://example.org/b", "https://example.org/c"]
    assert (ceo["category"], typo["category"], typo["platforms"]) == (
        "Wrong account",
        "tone-deaf",
        ["TikTok"],
    )


def test_a_hebrew_table_is_imported_with_its_guessed_mapping() -> None:
    text, (first, second) = _imported(HEBREW)
    assert "dates: dmy" in text
    assert "מה קרה: summary" in text
    assert (first["organization"], first["language"], first["severity"]) == ("שטראוס", "he", 4)
    assert [lesson["text"] for lesson in first["lessons"]] == ["לבדוק קישורים", "לבקש אישור"]
    assert (first["occurred_on"].first.isoformat(), second["category"]) == ("2019-04-03", "wrong-account")
    assert second["platforms"] == ["טוויטר"]


def test_an_export_of_tickets_is_imported_with_its_guessed_mapping() -> None:
    text, (first, second) = _imported(TICKETS)
    assert "Status: null" in text
    assert (first["external_id"], first["title"]) == ("SOC-12", "Wrong coupon in a story")
    assert first["summary"].startswith("The story of Friday")
    assert (first["severity"], second["severity"], first["tags"]) == (5, 2, ["story", "coupon"])
    assert first["category"] == "tone-deaf"


def test_a_spreadsheet_is_guessed_like_a_table() -> None:
    _, incidents = _imported(workbook(AGENCY_SHEET, merged=["A3:A5"]))
    assert [each["category"] for each in incidents] == ["tone-deaf", "internal-communication", "offensive"]


def test_an_order_of_dates_that_nothing_tells_is_asked_for() -> None:
    guess = guess_mapping(BytesIO(b"Brand,Date,What happened\nAcme,03/04/2018,x\n"), ReadOptions())
    assert (guess.dates, guess.is_order_certain) == ("dmy", False)
    assert "The file does not tell" in mapping_text(guess)


@pytest.mark.parametrize("content", [b"[{}]", b"---\ntitle: x\n---\n"])
def test_only_the_columns_of_tables_are_guessed(content: bytes) -> None:
    with pytest.raises(MalformedInput, match="Only the columns of tables"):
        guess_mapping(BytesIO(content), ReadOptions())


def test_columns_of_one_field_have_their_words_guessed_together() -> None:
    """Hundreds of columns with one heading took a quarter of a minute."""
    header = ",".join(["Brand", "What happened", *["Themes"] * 200])
    rows = "".join(f"Acme,It broke.,{','.join(f'word {row} {n}' for n in range(200))}\n" for row in range(9))
    guessed = guess_mapping(BytesIO(f"{header}\n{rows}".encode()), ReadOptions())
    assert [column.field for column in guessed.columns][2:] == ["themes"] * 200
    assert len(guessed.values["themes"]) == 60
