"""The picture that `kb trends --output` draws."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from kb.cli.figures.charts import COLORS, OTHER_COLOR, UNKNOWN_COLOR, label_step, ticks
from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.services.exchange.imports import importing
from tests.support.cli import Kb
from tests.support.imports import check_lines
from tests.support.incidents import incident

SVG = "{http://www.w3.org/2000/svg}"
YEARS = ("--interval", "year", "--from", "2016", "--to", "2018")

Draw = Callable[..., ET.Element]
"""Draws the picture of `kb trends` with some options."""


@pytest.fixture
def draw(kb: Kb, tmp_path: Path) -> Draw:
    def run(*options: str) -> ET.Element:
        picture = tmp_path / "chart.svg"
        result = kb("trends", *options, "--output", str(picture))
        assert (result.exit_code, result.stdout) == (0, ""), result.stderr
        return ET.parse(picture).getroot()

    return run


@pytest.fixture
def add(settings: Settings) -> Callable[..., None]:
    """Add published incidents with some changes."""

    def run(*changes: dict[str, Any]) -> None:
        with create_app(settings).app_context():
            lines = [json.dumps(incident(**{"status": "published", **each})).encode() for each in changes]
            checked = check_lines(lines, "main")
            assert not checked.errors
            importing.write_lines(checked.lines, "main", lambda *_: None)
            db.session.remove()

    return run


def words(picture: ET.Element) -> str:
    """All that is written around the plot."""
    return " ".join(element.text or "" for element in picture.findall(f"{SVG}text"))


def marks(picture: ET.Element) -> str:
    """How the values are drawn: `bar`, `stackedbar` or `line`."""
    classes = [element.get("class", "").split() for element in picture.iter(f"{SVG}g")]
    return next(name.removesuffix("-graph") for each in classes for name in each if name.endswith("-graph"))


def axis(picture: ET.Element, name: str) -> list[str]:
    """The labels of an axis, `x` or `y`."""
    groups = [each for each in picture.iter(f"{SVG}g") if each.get("class", "").split()[:2] == ["axis", name]]
    return [text.text or "" for group in groups for text in group.iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("options", "english", "hebrew"),
    [
        (
            ("--group-by", "category", "--interval", "month", "--from", "2014", "--to", "2018"),
            "Incidents by category, by month, 2014 to 2018",
            "אירועים לפי קטגוריה, לפי חודש, 2014 עד 2018",
        ),
        (("--from", "2018", "--to", "2018"), "Incidents, 2018", "אירועים, 2018"),
        (("--from", "2018-02", "--to", "2018-07"), "Incidents, 2018-02 to 2018-07", "2018-02 עד 2018-07"),
        (
            (
                "--metric",
                "severity_mean",
                "--group-by",
                "kind,team",
                "--from",
                "2018-02-03",
                "--to",
                "2018-06",
            ),
            "Mean severity by kind and team, 2018-02-03 to 2018-06-30",
            "חומרה ממוצעת לפי סוג וצוות, 2018-02-03 עד 2018-06-30",
        ),
    ],
)
def test_the_title_is_in_words(draw: Draw, options: tuple[str, ...], english: str, hebrew: str) -> None:
    assert words(draw(*options)).startswith(english)
    picture = draw(*options, "--lang", "he")
    assert hebrew in words(picture)
    assert picture.findtext(f"{SVG}title") == picture.findtext(f"{SVG}text")
    assert "Pygal" not in [title.text for title in picture.iter(f"{SVG}title")]


def test_text_runs_from_right_to_left_in_hebrew_and_numbers_do_not(draw: Draw) -> None:
    for language, direction, side in (("en", "ltr", min), ("he", "rtl", max)):
        picture = draw("--group-by", "category", *YEARS, "--lang", language)
        assert picture.get("lang") == language
        texts = picture.findall(f"{SVG}text")
        assert {text.get("direction") for text in texts} == {direction}
        edge = side(float(text.get("x", "")) for text in texts)
        assert float(texts[0].get("x", "")) == edge
        (plot,) = picture.findall(f"{SVG}svg")
        assert plot.get("direction") == "ltr"
        assert axis(picture, "x") == ["2016", "2017", "2018"]


@pytest.mark.parametrize(
    ("dimensions", "drawn", "overlapping"),
    [
        ("category", "bar", True),
        ("language", "bar", True),
        ("kind,platform", "bar", True),
        ("severity", "stackedbar", False),
        ("industry", "stackedbar", False),
        ("organization", "stackedbar", False),
    ],
)
def test_bars_are_stacked_only_if_no_incident_is_in_two_groups(
    draw: Draw, dimensions: str, drawn: str, overlapping: bool
) -> None:
    picture = draw("--group-by", dimensions, *YEARS, "--top", "3")
    assert marks(picture) == drawn
    assert ("the groups do not add up" in words(picture)) == overlapping


def test_many_bars_side_by_side_become_lines(draw: Draw) -> None:
    assert (
        marks(draw("--group-by", "category", "--interval", "month", "--from", "2014", "--to", "2018"))
        == "line"
    )
    assert marks(draw("--interval", "month", "--from", "2014", "--to", "2018")) == "stackedbar"


def test_a_mean_is_a_line_with_gaps_where_nothing_is_known(draw: Draw, add: Callable[..., None]) -> None:
    add(
        *(
            {"occurred_on": year, "severity": 4, "platforms": ["tiktok"]}
            for year in ("2014", "2015", "2017", "2018")
        )
    )
    options = (
        "--metric",
        "severity_mean",
        "--filter",
        "platform=tiktok",
        "--interval",
        "year",
        "--to",
        "2018",
    )
    picture = draw(*options)
    assert marks(picture) == "line"
    paths = [path.get("d") for path in picture.iter(f"{SVG}path") if "reactive" in path.get("class", "")]
    assert len(paths) == 2
    assert "add up" not in words(picture)


def test_ticks_are_whole_numbers_for_counts(draw: Draw) -> None:
    for options in (("--group-by", "category"), ("--group-by", "kind"), ("--metric", "severity_mean")):
        labels = axis(draw(*options, *YEARS), "y")
        assert labels[0] == "0"
        assert all(label.isdigit() for label in labels)


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (0, 0, True, [0, 1]),
        (0, 1, True, [0, 1]),
        (0, 4, True, [0, 1, 2, 3, 4]),
        (0, 7, True, [0, 2, 4, 6, 8]),
        (0, 148, True, [0, 50, 100, 150]),
        (0, 0.3, False, [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
        (-5, 20, False, [-5, 0, 5, 10, 15, 20]),
        (0, 4.8e9, False, [0, 1e9, 2e9, 3e9, 4e9, 5e9]),
    ],
)
def test_ticks_are_at_round_numbers(low: float, high: float, whole: bool, expected: list[float]) -> None:
    assert ticks(low, high, whole=whole) == expected


def test_labels_are_left_out_where_they_would_overlap(draw: Draw) -> None:
    picture = draw("--interval", "day", "--from", "2018-01-01", "--to", "2018-07-19")
    shown = axis(picture, "x")
    assert (shown[0], len(shown) < 60) == ("2018-01-01", True)
    assert label_step(["2018"] * 5, 860, rotated=False, font_size=12) == 1


def test_long_names_are_shown_in_full(draw: Draw, add: Callable[..., None]) -> None:
    names = [
        f"The {number} Long International Holding Company of {'Goods and ' * 14}Sons" for number in (1, 2)
    ]
    add(*({"organization": name, "occurred_on": "2018"} for name in names))
    picture = draw("--group-by", "organization", *YEARS, "--filter", f"organization={names[0]}")
    assert words(picture).count(names[0]) == 2  # in the conditions and in the legend
    assert names[1] in words(draw("--group-by", "organization", *YEARS))
    assert "…" not in ET.tostring(picture, "unicode")


def test_wide_characters_are_given_their_room(draw: Draw, add: Callable[..., None]) -> None:
    add({"organization": "社" * 150, "occurred_on": "2018"})
    lines = [text.text or "" for text in draw("--group-by", "organization", *YEARS).iter(f"{SVG}text")]
    assert sum(line.count("社") for line in lines) == 150
    assert max(line.count("社") for line in lines) * 14 < 960


def test_the_picture_names_its_filters_and_what_is_not_in_it(draw: Draw, add: Callable[..., None]) -> None:
    add({"occurred_on": "2018"}, {"occurred_on": "2018"}, {"occurred_on": "2017"})
    options = ("--interval", "month", "--from", "2018", "--to", "2018", "--filter", "category=wrong-account")
    assert "Only category=wrong-account" in words(draw(*options))
    assert "2 more incidents are not dated precisely enough to assign to one month." in words(draw(*options))
    assert "עוד 2 אירועים" in words(draw(*options, "--lang", "he"))
    assert "Incomplete: 2026" in words(draw("--interval", "year", "--to", "2026-02"))


def test_in_a_hebrew_text_the_names_of_buckets_and_filters_keep_their_direction(draw: Draw) -> None:
    """Without isolation, the browser shows 2026-Q1 as Q1-2026."""
    options = ("--interval", "quarter", "--from", "2018", "--to", "2026-02", "--filter", "severity_min=1")
    english = words(draw(*options))
    assert "Incomplete: 2026-Q1." in english
    assert "Only severity_min=1" in english
    hebrew = words(draw(*options, "--lang", "he"))
    assert ": \u20682026-Q1\u2069." in hebrew
    assert "רק \u2068severity_min=1\u2069" in hebrew


def test_the_notes_name_a_period_that_is_not_divided(draw: Draw, kb: Kb, add: Callable[..., None]) -> None:
    add({"occurred_on": "2016"})
    options = ("--group-by", "kind", "--from", "2016-02")
    for text in (words(draw(*options)), kb("trends", *options).stderr):
        # Whole months on the last day of one, else days.
        assert re.search(r"Incomplete: 2016-02(?:-01)? to \d{4}-\d\d(?:-\d\d)?\.", text)
        assert "1 more incident is not dated precisely enough to assign to this period." in text


def test_losses_name_their_currency_and_that_they_are_alleged(draw: Draw, add: Callable[..., None]) -> None:
    loss = {"kind": "market_value", "amount": 5e8, "currency": "EUR", "alleged": True}
    add({"impacts": [loss, {**loss, "currency": "USD"}], "occurred_on": "2018"})
    english, hebrew = (words(draw("--metric", "market_value_lost", "--lang", tag)) for tag in ("en", "he"))
    assert "All (EUR, alleged)" in english
    assert "Currencies are not converted." in english
    assert "הכול (EUR, לפי הטענה)" in hebrew


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "No incidents match"), ("he", "אין אירועים מתאימים")]
)
def test_a_chart_without_data_says_so(draw: Draw, language: str, expected: str) -> None:
    for options in (YEARS, ("--group-by", "category"), ("--group-by", "kind", *YEARS)):
        picture = draw(*options, "--filter", "tag=nobody-has-this", "--lang", language)
        assert expected in "".join(picture.itertext())


def test_an_unknown_value_is_not_taken_for_no_incidents(draw: Draw) -> None:
    for metric in ("minutes_to_remove_median", "market_value_lost"):
        picture = draw("--metric", metric, "--filter", "tag=nobody-has-this", *YEARS)
        assert "Nothing is known" in "".join(picture.itertext())


def test_the_same_report_makes_the_same_picture(draw: Draw) -> None:
    assert ET.tostring(draw(*YEARS)) == ET.tostring(draw(*YEARS))
    assert ET.tostring(draw(*YEARS)) != ET.tostring(draw(*YEARS, "--group-by", "kind"))


def test_more_series_than_a_reader_can_tell_apart_are_refused(
    kb: Kb, tmp_path: Path, add: Callable[..., None]
) -> None:
    add(*({"organization": f"Brand {number}"} for number in range(8)))
    picture = tmp_path / "chart.svg"
    result = kb("trends", "--group-by", "category,organization", "--output", str(picture))
    assert result.exit_code == 1
    assert "readers can tell 12 apart. Lower --top" in result.stderr
    assert not picture.exists()


def test_every_color_differs_from_all_others_for_color_blind_readers() -> None:
    """With the matrices of Machado, Oliveira and Fernandes (2009) for full protanopia, deuteranopia and
    tritanopia; a difference of 2.3 in CIELAB is just noticeable."""
    simulations = (
        np.eye(3),
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    )
    for simulation in simulations:
        seen = {
            color: _lab(np.array(simulation) @ _linear(color))
            for color in (*COLORS, OTHER_COLOR, UNKNOWN_COLOR)
        }
        for one, other in combinations(seen, 2):
            assert float(np.linalg.norm(seen[one] - seen[other])) > 20, (one, other)


def _linear(color: str) -> Any:
    values = np.array([int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _lab(linear: Any) -> Any:
    """CIELAB of a color in linear RGB."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(to_xyz) @ np.clip(linear, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
