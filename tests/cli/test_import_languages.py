"""The languages of what `kb import` reads."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.cli import Kb, write_jsonl
from tests.support.incidents import incident

_HEBREW = {"title": "זברה", "summary": "תקציר", "cause": "סיבה", "outcome": "תוצאה"}

_SENTENCES = {
    "fr": "La marque a présenté ses excuses après la diffusion d'une publicité jugée sexiste.",
    "ru": "Компания удалила рекламный ролик, который многие зрители сочли оскорбительным, и извинилась.",
}


def test_the_report_counts_the_languages_that_nobody_has_named(kb: Kb, tmp_path: Path) -> None:
    thin = {"organization": "Acme", "category": "offensive"}
    lines = [
        *({**thin, "title": text} for text in (*_SENTENCES.values(), _SENTENCES["fr"])),
        {**thin, "title": "Balenciaga"},
        incident(),
    ]
    kb("team", "set", "main", "--language", "pt-BR")
    result = kb("import", write_jsonl(tmp_path, lines), "--format", "json")
    report = json.loads(result.stdout)
    assert report["languages_detected"] == {"fr": 2, "ru": 1}
    assert report["languages_assumed"] == {"pt-BR": 1}
    assert "Languages detected: fr (2), ru (1)." in result.stderr
    assert "Languages not certain, and taken from the team: pt-BR (1)." in result.stderr


def test_an_update_without_a_language_is_in_that_of_its_incident(kb: Kb, tmp_path: Path) -> None:
    line = incident(external_id="f", language="fr")
    kb("import", write_jsonl(tmp_path, [line]))
    changed = {name: value for name, value in line.items() if name != "language"} | {"severity": 2}
    again = kb("import", write_jsonl(tmp_path, [changed]))
    assert "Added: 0, updated: 1, unchanged: 0" in again.stderr, again.stderr


def test_a_translation_into_the_language_that_is_detected_is_an_error(kb: Kb, tmp_path: Path) -> None:
    line = incident(language=None, translations={"en": _HEBREW})
    refused = kb("import", write_jsonl(tmp_path, [line]))
    assert refused.exit_code == 1
    assert "line 1: /translations/en: The texts seem to be in en themselves." in refused.stderr
