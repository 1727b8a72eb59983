"""What a check costs in this process, without HTTP: reading and compiling guards, and the check itself."""

from __future__ import annotations

import statistics
import time
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.domain.check import CheckRequest
from kb.guards.analysis import AnalyzedDraft
from kb.guards.definition import to_draft
from kb.services.accounts.authentication import anonymous
from kb.services.check.checking import check_draft
from kb.services.check.guard_files import file_guards
from kb.services.check.rulesets import current_ruleset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kb.guards.ruleset import Finding, Ruleset

_TODAY = date(2027, 1, 1)


class Costs(NamedTuple):
    """CPU time in milliseconds: of the guards' file with its examples, of the ruleset, and of a draft, by
    guards alone and by the whole check (medians); `findings` is the mean number of them."""

    guards: int
    reading: float
    compiling: float
    guards_only: float
    whole_check: float
    findings: float


def measure_costs(drafts: Sequence[dict[str, Any]]) -> Costs:
    """The costs of checks by the running application, which must have checked nothing before."""
    reading = _cpu_ms(file_guards)
    compiling = _cpu_ms(lambda: current_ruleset(anonymous()))
    ruleset = current_ruleset(anonymous())
    requests = [CheckRequest(draft=to_draft(draft)) for draft in drafts]
    found = [len(_check(request)["findings"]) for request in requests]  # also warms caches up
    return Costs(
        guards=len(ruleset.guards),
        reading=reading,
        compiling=compiling,
        guards_only=statistics.median(_cpu_ms(partial(_find, ruleset, request)) for request in requests),
        whole_check=statistics.median(_cpu_ms(partial(_check, request)) for request in requests),
        findings=statistics.mean(found),
    )


def _find(ruleset: Ruleset, request: CheckRequest) -> list[Finding]:
    return ruleset.findings(AnalyzedDraft(request.draft, ruleset.concepts))


def _check(request: CheckRequest) -> dict[str, Any]:
    return check_draft(anonymous(), request, ["en"], today=_TODAY)


def _cpu_ms(function: Callable[[], object]) -> float:
    started = time.process_time()
    function()
    return (time.process_time() - started) * 1000
