"""A ruleset finds what its guards find one by one, though it asks few of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

from bench.drafts import RISKY
from bench.drafts.cases import read_lines
from kb.config import seeds_dir
from kb.domain.draft import Draft
from kb.domain.guard import Guard
from kb.guards.analysis import AnalyzedDraft
from kb.guards.corpus import harmless_drafts
from kb.guards.ruleset import MAX_MATCHES, CompiledGuard, Ruleset, compile_guard
from kb.search.concept_files import ConceptFiles
from kb.search.concepts import ConceptTable
from kb.services.check.guard_files import read_guards
from tests.support.call_counts import count_calls
from tests.support.guard_matches import guard


def test_a_ruleset_finds_what_its_guards_find_one_by_one(tmp_path: Path) -> None:
    concepts = ConceptFiles(seeds_dir() / "lexicon.yaml", tmp_path / "none").current()
    own = [
        guard("phrase", phrases=["free shipping", "הנחה", "our team"]),
        guard("pattern", pattern=r" \d+ ?% "),
        guard("pattern", pattern=r" [א-ת]+ \d+ "),
        guard("date", tones=["no-promotion", "careful"]),
    ]
    guards = [
        *read_guards(seeds_dir() / "guards.yaml"),
        *(replace(each, key=f"own-{number}") for number, each in enumerate(own)),
    ]
    ruleset = Ruleset((compile_guard(each, concepts) for each in guards), concepts, "1")
    drafts = [*harmless_drafts()[::8], *(Draft(text=row["text"]) for row in read_lines(RISKY))]
    keys = set()
    for draft in (AnalyzedDraft(draft, concepts) for draft in drafts):
        findings = ruleset.findings(draft)
        one_by_one = [
            (compiled.guard.key, match.span)
            for compiled in ruleset.guards
            for match in islice(compiled.matches(draft), MAX_MATCHES)
        ]
        found = [(finding.guard.key, finding.match.span) for finding in findings]
        assert sorted(found, key=str) == sorted(one_by_one, key=str)
        keys |= {key for key, _ in found}
    assert {"own-0", "own-1", "own-2", "own-3", "unfinished-text"} < keys


def test_patterns_are_compiled_together_once_for_rulesets_that_differ_in_other_guards(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    def add(own: Guard) -> int:
        return count_calls(lambda: Ruleset((*shipped, compile_guard(own, concepts)), concepts, "1"))

    add(guard("phrase", phrases=["free shipping"]))
    another_phrase = add(guard("phrase", phrases=["our team"]))
    assert 3 * another_phrase < add(guard("pattern", pattern=r" [0-9]+ beers "))


def test_a_check_pauses_between_its_guards_and_between_the_rules_for_unfinished_text(
    shipped: list[CompiledGuard], concepts: ConceptTable
) -> None:
    ruleset = Ruleset(shipped, concepts, "1")
    text = "Need copy. [link here] {{name}} TBD **** lorem ipsum. " * 20
    at_once, in_pieces = (AnalyzedDraft(Draft(text=text), concepts) for _ in range(2))
    pauses: list[str] = []
    in_pieces.pause = lambda *_: pauses.append("pause")
    found = ruleset.findings(in_pieces)
    assert found == ruleset.findings(at_once)
    assert len(pauses) > len({finding.guard.key for finding in found}) >= 1
    before = len(pauses)
    another = AnalyzedDraft(Draft(text=text), concepts)
    another.pause = in_pieces.pause
    assert another.unfinished == at_once.unfinished
    assert len(pauses) - before >= 5, "each rule for unfinished text is a step of its own"
