"""Search beyond matching words: the query language, corrections, synonyms, languages, explanations."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from kb.config import Settings
from tests.support.api import Api


def organizations(api: Api, **query: Any) -> list[str]:
    return [item["incident"]["organization"] for item in api.get("/search", **query).get_json()["items"]]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ('"copy and link were"', {"McDonald's"}),
        ('"link and copy"', set()),
        ("org:mcdonalds", {"McDonald's"}),
        ("org:מקדונלדס", {"McDonald's"}),
        ("category:wrong-account", {"Ted Cruz"}),
        ("category:qqqzzz", set()),
        ("platform:snapchat", {"Snapchat"}),
        ("platform:snapchat platform:twitter before:2018 -senator", {"McDonald's"}),
        ("after:2018-07", {"Lockheed Martin"}),
        ("+slap -rihanna", set()),
        ("title:yanny", {"US Air Force"}),
    ],
)
def test_the_query_language_narrows_the_results(reader: Api, q: str, found: set[str]) -> None:
    assert set(organizations(reader, q=q, correct="false")) == found


def test_the_response_shows_how_the_query_was_interpreted(reader: Api) -> None:
    answer = reader.get("/search", q="tweet -(draft OR after:2018").get_json()
    assert answer["interpreted"].startswith("tweet -(")
    assert (answer["did_you_mean"], answer["corrected"]) == (None, False)


@pytest.mark.parametrize(
    ("q", "notes"),
    [
        ("category:nope", [("category", "nope", None)]),
        ("photos -platform:twiter", [("platform", "twiter", "twitter")]),
        ('mode:"placeholder publishd"', [("failure_mode", "placeholder publishd", "placeholder-published")]),
        ("theme:(x1 x2) theme:x1", [("theme", "x1", None), ("theme", "x2", None)]),
        ("platform:twitter before:2018-05 org:nobody source:nothing", []),
        (" ".join(f"theme:x{number}" for number in range(9)), [("theme", f"x{n}", None) for n in range(5)]),
    ],
)
def test_a_condition_that_was_read_as_words_is_noted_with_the_nearest_term(
    reader: Api, q: str, notes: list[tuple[str, str, str | None]]
) -> None:
    answer = reader.get("/search", q=q).get_json()
    assert [(note["name"], note["value"], note["suggestion"]) for note in answer["notes"]] == notes


def test_a_note_on_a_query_says_why_in_the_language_of_the_reader(reader: Api) -> None:
    query = "category:nope before:2018-13 after:noon"
    english, hebrew = (reader.get("/search", q=query, lang=tag).get_json()["notes"] for tag in ("en", "he"))
    assert [note["detail"] for note in english] == [
        "There is no category 'nope', so it was read as words.",
        "2018-13 is not a calendar date. It was read as words.",
        "Write the date as YYYY-MM-DD, YYYY-MM or YYYY. It was read as words.",
    ]
    assert all("לפי המילים" in note["detail"] for note in hebrew)


def test_a_misspelled_word_is_corrected_and_the_correction_reported(reader: Api) -> None:
    answer = reader.get("/search", q="placholder pubished").get_json()
    assert answer["corrected"]
    assert answer["did_you_mean"] == answer["interpreted"] == "placeholder published"
    assert answer["items"][0]["incident"]["organization"] == "McDonald's"
    assert "<mark>placeholder</mark>" in json.dumps(answer["items"][0]["highlights"])
    assert reader.get("/search", q="placholder", correct="false").get_json()["total"] == 0
    hebrew = reader.get("/search", q="טיוטתה שפורסמהה").get_json()
    assert hebrew["items"][0]["incident"]["organization"] == "McDonald's"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("tone-deff tweet", "tone-deaf tweet"), ("category:tone-deff", "tone-deaf"), ("Tone-Deff", "Tone-deaf")],
)
def test_a_misspelled_part_of_a_compound_is_corrected(reader: Api, typed: str, meant: str) -> None:
    assert reader.get("/search", q=typed).get_json()["did_you_mean"] == meant


def test_a_query_is_never_corrected_to_itself(reader: Api) -> None:
    for typed in ("deff/deff", "tone-deff", "AT&T-deff", "(deff) OR tone.deff"):
        answer = reader.get("/search", q=typed, correct="false").get_json()
        assert answer["did_you_mean"] != answer["interpreted"]


@pytest.mark.parametrize(
    ("typed", "meant", "found"),
    [
        ("nesubksx", "מקדונלדס", "McDonald's"),
        ("xbtpmwy", "סנאפצ'ט", "Snapchat"),
        ("kuevhs nryhi", "לוקהיד מרטין", "Lockheed Martin"),
        ("טשממט ךשורקך", "yanny laurel", "US Air Force"),
    ],
)
def test_a_query_typed_with_the_wrong_keyboard_layout_is_retyped(
    reader: Api, typed: str, meant: str, found: str
) -> None:
    answer = reader.get("/search", q=typed).get_json()
    assert answer["items"][0]["incident"]["organization"] == found
    assert (answer["did_you_mean"], answer["corrected"]) == (meant, True)
    assert organizations(reader, q=typed, correct="false") == []


@pytest.mark.parametrize("typed", ["zzqqxx", "asdf jkl", "blorp", "mmmm nnnn", "שדגכ יחךל"])
def test_keys_hit_at_random_find_nothing(reader: Api, typed: str) -> None:
    answer = reader.get("/search", q=typed).get_json()
    assert (answer["total"], answer["did_you_mean"], answer["corrected"]) == (0, None, False)


def test_a_correction_does_not_reveal_a_hidden_word(as_role: Callable[..., Api]) -> None:
    as_role("contributor", team="north").file(title="Operation Quetzalcoatl")
    hidden = as_role("reader", team="south").get("/search", q="quetzalcoatk").get_json()
    assert (hidden["did_you_mean"], hidden["total"]) == (None, 0)
    assert as_role("reader", team="north").get("/search", q="quetzalcoatk").get_json()["total"] == 1
    for api, total in ((as_role(), 0), (as_role("reader", team="north"), 1)):
        assert len(api.get("/suggest", q="quetz").get_json()["items"]) == total


def test_a_correction_is_never_a_form_found_only_in_hidden_incidents(
    as_role: Callable[..., Api],
) -> None:
    """Both texts share the stem, and each has its own form of the word."""
    as_role("contributor", team="north").file(title="A quetzalling mascot")
    as_role("contributor", team="south").file(title="Two quetzalled mascots")

    def meant(team: str, q: str) -> str | None:
        answer = as_role("reader", team=team).get("/search", q=q).get_json()
        return cast("str | None", answer["did_you_mean"])

    assert (meant("south", "quetzallinng"), meant("north", "quetzalleed")) == (None, None)
    # The first word of a text counts like any other.
    as_role("contributor", team="south").file(title="x", cause="Quetzalian pictures", organization="South")
    as_role("contributor", team="north").file(
        title="y", cause="Some quetzalian picture", organization="North"
    )
    assert meant("south", "quetzaliaan") == "quetzalian"
    assert meant("south", "quetzalleed") == "quetzalled"
    assert meant("north", "quetzallinng") == "quetzalling"


def test_a_hebrew_query_finds_an_incident_written_only_in_english(admin: Api) -> None:
    admin.file(title="Mass layoffs told by tweet", summary="Staff learned of it online.", status="published")
    assert organizations(admin, q="ציוץ על פיטורים")[0] == "Acme"


def test_a_synonyms_file_in_the_data_folder_adds_synonyms(admin: Api, settings: Settings) -> None:
    admin.file(title="The zebra affair", status="published")
    assert organizations(admin, q="זברה") == []
    (settings.data_dir / "synonyms.yaml").write_text("groups: [[zebra, זברה]]", "utf-8")
    assert organizations(admin, q="זברה") == ["Acme"]


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("de", "Der Konzern entschuldigte sich für die Werbung", "entschuldigen"),
        ("fr", "Les excuses de la marque", "excuse"),
        ("ru", "Компания извинилась за ошибки", "ошибка"),
        ("ar", "اعتذرت الشركة عن المنشورات", "المنشور"),
        ("zh", "品牌发布了错误的推文", "错误"),
        ("ja", "広告の炎上について謝罪した", "謝罪"),
        ("th", "บริษัทขอโทษ", "ขอโทษ"),
        ("uk", "Компанія вибачилася", "вибачилася"),
    ],
)
def test_a_text_is_searchable_in_its_own_language(
    admin: Api, language: str, text: str, question: str
) -> None:
    admin.file(title=text, language=language, status="published")
    item = admin.get("/search", q=question).get_json()["items"][0]
    assert item["incident"]["title"] == text
    assert "<mark>" in item["highlights"]["title"]


def test_an_explanation_is_returned_only_on_request(reader: Api) -> None:
    plain = reader.get("/search", q="placeholder").get_json()["items"][0]
    assert "explanation" not in plain
    told = reader.get("/search", q="placeholder", explain="true").get_json()["items"][0]
    assert told["explanation"]["words"] == ["placeholder"]
    assert sum(row["share"] for row in told["explanation"]["terms"]) == pytest.approx(1, abs=1e-4)
    assert {boost["name"] for boost in told["explanation"]["boosts"]} == {"severity", "recency"}
    off = reader.get("/search", q="placeholder", explain="true", boosts="none").get_json()["items"][0]
    assert off["explanation"]["boosts"] == []


@pytest.mark.parametrize(
    "q",
    ["(" * 9_999, "w " * 4_999, "*a* b* ~9", "\u202eabc\u202c", "a\0b",
     '"' * 5_000, "מ" * 9_000, "x'" * 4_999,
     " ".join(f"w{n}" for n in range(1_800)), "category:" * 1_000, "category:x " * 900],
)  # fmt: skip
def test_a_hostile_query_gets_a_response(reader: Api, q: str) -> None:
    assert reader.get("/search", q=q).status_code == 200
    assert reader.get("/suggest", q=q).status_code == 200


def test_an_oversized_query_is_rejected(reader: Api) -> None:
    response = reader.get("/search", q="word " * 20_000)
    assert (response.status_code, response.get_json()["errors"][0]["parameter"]) == (422, "q")
